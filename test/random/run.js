#!/usr/bin/env node
/**
 * Plays one random run and prints what came of it; fails if anything was lost, stale, twice or torn:
 * `npm run test:random -- --seed 1 --seconds 60 --processes 200 [--defect spike]`.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seconds: { type: 'string', default: '60' },
    processes: { type: 'string', default: '200' },
    defect: { type: 'string' },
  },
})

/** @param {'seed' | 'seconds' | 'processes'} name */
function whole(name) {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new TypeError(`--${name} is "${values[name]}". Give a whole number above zero.`)
}

/** @param {string} file */
const path = (file) => fileURLToPath(new URL(file, import.meta.url))
const config = /** @type {const} */ ({ configFile: false, logLevel: 'error', oxc: { target: 'node20' } })
/** @type {{ module: typeof import('./play.js') }} */
const { module: playing } = await runnerImport(path('play.ts'), config)
/** @type {{ module: typeof import('./report.js') }} */
const { module: reporting } = await runnerImport(path('report.ts'), config)

const options = {
  seed: whole('seed'),
  seconds: whole('seconds'),
  processes: whole('processes'),
  defect: values.defect,
  onProgress: (/** @type {string} */ what) => console.error(what),
}
console.error(reporting.replayCommand(options))
const outcome = await playing.play(options)
console.log(reporting.report(options, outcome))
process.exitCode = outcome.isGood ? 0 : 1
