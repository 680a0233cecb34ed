#!/usr/bin/env node
/**
 * Runs every benchmark in turn, on an otherwise idle machine, please.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Those that leave much to do for the disk come last. */
const names = [
  'snapshot',
  'start',
  'command',
  'run-ports',
  'announce',
  'kill',
  'push',
  'push-stalled',
  'relay',
  'kill-relayed',
  'peers',
  'connect',
  'reach',
  'dashboard',
  'restart-all',
  'register',
  'hub-cost',
  'etcd-announce',
  'etcd-many',
  'etcd-capacity',
]
const processors = `${availableParallelism()} × ${cpus()[0]?.model}`
const machine = `Node ${process.version}, ${process.platform} ${process.arch}, ${processors}`
for (const name of names) {
  console.log(`\n## ${name}: ${machine}\n`)
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
