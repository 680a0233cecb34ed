/**
 * What `wsyard run` has to tell, as data and in words. With `--json` each event is a line of `schema/cli/run.schema.json`.
 */
import type { SnapshotServer } from '../../core/index.js'
import { harmlessLine } from '../text/format-message.js'
import { say, sayError } from '../text/say.js'

export type RunEvent =
  /** The command runs; `port` is what it was given. */
  | { readonly type: 'started'; readonly pid: number; readonly port: number | null }
  | { readonly type: 'registered'; readonly entry: SnapshotServer }
  | { readonly type: 'deregistered'; readonly id: string; readonly port: number }
  /** A process of the command has registered its port itself. */
  | { readonly type: 'left-alone'; readonly id: string; readonly port: number; readonly isNameLost: boolean }
  /** What a port has answered so far is no WebSocket handshake. It is tried again. */
  | { readonly type: 'unanswered'; readonly port: number; readonly reason: string }
  | { readonly type: 'exited'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly type: 'restarting'; readonly delayMs: number }
  | { readonly type: 'warning'; readonly code: string | null; readonly message: string }
  /** The command could not be started. */
  | { readonly type: 'failed'; readonly code: number; readonly message: string }

export type Tell = (event: RunEvent) => void

export interface TellOptions {
  /** Whether to tell events as lines of JSON. */
  readonly json: boolean
  /** Whether to tell only why the command could not be started. */
  readonly quiet: boolean
}

/** Tells events on the error output, as the output is that of the command. */
export function createTell({ json, quiet }: TellOptions): Tell {
  process.stderr.on('error', () => {}) // whoever read it has read enough; the command goes on
  return (event) => {
    if (quiet && event.type !== 'failed') return
    if (json) process.stderr.write(`${JSON.stringify(event)}\n`)
    else if (event.type === 'failed') sayError(new Error(event.message))
    else say(`wsyard: ${inWords(event)}`)
  }
}

function inWords(event: RunEvent): string {
  switch (event.type) {
    case 'started':
      return `started process ${event.pid}${event.port === null ? '' : `, for which port ${event.port} is free`}.`
    case 'registered': {
      const { id, name, host, port, pid } = event.entry
      return `registered ${name === undefined ? id : `${name}, ${id},`} at ${host} port ${port} of process ${pid}.`
    }
    case 'deregistered':
      return `deregistered ${event.id}, as nothing of the command listens at port ${event.port} any more.`
    case 'left-alone': {
      const name = event.isNameLost ? ', and --name has no effect on it' : ''
      return harmlessLine(
        `port ${event.port} has registered itself as ${event.id}, so it is left alone${name}.`,
      )
    }
    case 'unanswered':
      return `port ${event.port} is not registered, as it ${event.reason} Is it another --path or --protocol? It is tried again.`
    case 'exited':
      return `the command has ended ${event.signal === null ? `with code ${event.code}` : `by ${event.signal}`}.`
    case 'restarting':
      return `it is started again ${event.delayMs < 50 ? 'at once' : `in ${(event.delayMs / 1000).toFixed(1)} s`}.`
    case 'warning':
    case 'failed':
      return event.message
  }
}
