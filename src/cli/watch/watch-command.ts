/**
 * `wsyard watch`: its options, and where what it prints comes from.
 */
import { Command } from 'commander'
import {
  type SnapshotServer,
  toPushChange,
  toSnapshot,
  type WatchEvent,
  WsyardError,
} from '../../core/index.js'
import { openRegistry, registryPlace } from '../../registry/index.js'
import { type HubAddress, readHubAddress } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import { harmlessJson } from '../text/harmless-json.js'
import { say } from '../text/say.js'
import { followHub } from './follow-hub.js'
import { createWatchFormatter } from './format-watch.js'

interface WatchCommandOptions {
  json?: boolean
  hub?: HubAddress
}

const help = `
Each server that is there is a line with =, each that comes one with +, that changes one with ~, and that goes one with - and the
reason: deregistered, exited, replaced or expired. With --json each line is an object as the push of a hub has it: a snapshot first,
then every change with its revision. All else goes to the error output.

Examples:
  wsyard watch                               what is registered on this machine
  wsyard watch --hub http://localhost:5173   what the hub in that Vite shows
  wsyard watch --json | jq -r '.changes[]? | .type + " " + .entry.id'`

export function watchCommand({ onWarning }: CommandContext): Command {
  return new Command('watch')
    .option('--json', 'print every event as a line of JSON')
    .option(
      '--hub <url>',
      'follow a hub, by its address or the link that it printed, instead of the registry',
      readHubAddress,
    )
    .addHelpText('after', help)
    .action((options: WatchCommandOptions) => run(options, onWarning))
}

async function run({ json, hub }: WatchCommandOptions, onWarning: (warning: Error) => void): Promise<void> {
  const { stdout } = process
  const interruption = new AbortController()
  const { signal } = interruption
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => interruption.abort()) // the second one ends the process
  }
  stdout.on('error', () => interruption.abort()) // whatever the reason, which is for main.ts to tell

  const format = createWatchFormatter()
  let isFirst = true
  const onEvent = (event: WatchEvent<SnapshotServer>): void => {
    if (isFirst && event.type === 'snapshot')
      say(`Following ${hub?.origin ?? registryPlace()}, ${count(event.entries.length)}. Ctrl+C ends it.`)
    isFirst = false
    stdout.write(json === true ? `${harmlessJson(event)}\n` : format(event, new Date()))
  }
  const onProblem = (problem: Error | undefined): void => {
    if (json === true) {
      const error = problem && {
        code: problem instanceof WsyardError ? problem.code : '',
        message: problem.message,
      }
      stdout.write(`${harmlessJson({ type: 'problem', error: error ?? null })}\n`)
    }
    if (problem === undefined) say('The registry can be read again.')
    else onWarning(problem)
  }
  if (hub === undefined) await followRegistry({ onEvent, onProblem, onWarning, signal })
  else
    await followHub({
      ...hub,
      onEvent,
      onProblem,
      onLost: (why) =>
        say(why === undefined ? 'The hub is back.' : `The hub is lost, as ${why}; it is tried again.`),
      signal,
    })
}

interface Following {
  onEvent(event: WatchEvent<SnapshotServer>): void
  onProblem(problem: Error | undefined): void
  onWarning(warning: Error): void
  signal: AbortSignal
}

/** Resolves when it is aborted. */
async function followRegistry({ onEvent, onProblem, onWarning, signal }: Following): Promise<void> {
  const registry = openRegistry({ onWarning })
  registry.watch(
    (event) =>
      onEvent(
        event.type === 'change'
          ? toPushChange(event)
          : { ...event, entries: toSnapshot(event.entries).servers },
      ),
    { onProblem },
  )
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  await registry.close()
}

function count(servers: number): string {
  return servers === 1 ? '1 server' : `${servers === 0 ? 'no' : servers} servers`
}
