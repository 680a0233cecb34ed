#!/usr/bin/env node
/**
 * Runs every benchmark in turn, on an otherwise idle machine, please.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const processors = `${availableParallelism()} × ${cpus()[0]?.model}`
const machine = `Node ${process.version}, ${process.platform} ${process.arch}, ${processors}`
for (const name of ['snapshot', 'start']) {
  console.log(`\n## ${name}: ${machine}\n`)
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
