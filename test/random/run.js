#!/usr/bin/env node
/**
 * Plays one random run and prints what came of it; fails if anything was lost, stale, twice or torn:
 * `npm run test:random -- --seed 1 --seconds 60 --processes 200 [--defect spike]`; with `--etcd 3` over an etcd of three members.
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
    etcd: { type: 'string' },
  },
})

/** @param {'seed' | 'seconds' | 'processes' | 'etcd'} name */
function whole(name) {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new TypeError(`--${name} is "${values[name]}". Give a whole number above zero.`)
}

/**
 * @template T
 * @param {string} file
 * @returns {Promise<T>} the module, which is TypeScript
 */
async function load(file) {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const { module } = await runnerImport(path, {
    configFile: false,
    logLevel: 'error',
    oxc: { target: 'node20' },
  })
  return /** @type {T} */ (module)
}

const options = {
  seed: whole('seed'),
  seconds: whole('seconds'),
  processes: whole('processes'),
  onProgress: (/** @type {string} */ what) => console.error(what),
}

async function onDisk() {
  /** @type {typeof import('./play.js')} */
  const { play } = await load('play.ts')
  /** @type {typeof import('./report.js')} */
  const { replayCommand, report } = await load('report.ts')
  const all = { ...options, defect: values.defect }
  console.error(replayCommand(all))
  const outcome = await play(all)
  console.log(report(all, outcome))
  return outcome
}

async function inEtcd() {
  /** @type {typeof import('./etcd/play.js')} */
  const { playEtcd } = await load('etcd/play.ts')
  /** @type {typeof import('./etcd/options.js')} */
  const { etcdOptions } = await load('etcd/options.ts')
  /** @type {typeof import('./etcd/report.js')} */
  const { replayEtcdCommand, reportEtcd } = await load('etcd/report.ts')
  const skip = (/** @type {string | undefined} */ why) => {
    throw new Error(
      `A random run over etcd needs a machine for the watcher that is not the servers': ${why}.`,
    )
  }
  const all = etcdOptions({ ...options, members: whole('etcd'), defect: values.defect }, { skip })
  console.error(replayEtcdCommand(all))
  const outcome = await playEtcd(all)
  console.log(reportEtcd(all, outcome))
  return outcome
}

const { isGood } = await (values.etcd === undefined ? onDisk() : inEtcd())
process.exitCode = isGood ? 0 : 1
