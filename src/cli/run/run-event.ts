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
  | {
      readonly type: 'deregistered'
      readonly id: string
      readonly port: number
      /**
       * `closed`: nothing listens there any more. `ended`: the command has ended. `exited`: it has crashed, and so has the server, of which the
       * registry says so. `left-alone`: the server has registered itself.
       */
      readonly reason: 'closed' | 'ended' | 'exited' | 'left-alone'
    }
  /** A process of the command has registered its port itself. */
  | { readonly type: 'left-alone'; readonly id: string; readonly port: number; readonly isNameLost: boolean }
  /** What a port has answered so far is no WebSocket handshake. It is tried again. */
  | {
      readonly type: 'unanswered'
      readonly port: number
      readonly reason: string
      /** Of its answer over HTTP, if there was one. */
      readonly status: number | null
    }
  /** The command has ended, and has left processes running, which are ended; if they were told already, after five seconds. */
  | { readonly type: 'ending-rest'; readonly pids: readonly number[]; readonly isTold: boolean }
  /** They have ended, but for these. */
  | { readonly type: 'rest-ended'; readonly pids: readonly number[] }
  | { readonly type: 'exited'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly type: 'restarting'; readonly delayMs: number }
  /** The process on whose behalf the command ran has gone, so it is not started again. */
  | { readonly type: 'owner-gone'; readonly pid: number }
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

/** What people are told of it. */
export function inWords(event: RunEvent): string {
  switch (event.type) {
    case 'started':
      return `started process ${event.pid}${event.port === null ? '' : `, for which port ${event.port} is free`}.`
    case 'registered': {
      const { id, name, host, port, pid } = event.entry
      return `registered ${name === undefined ? id : `${name}, ${id},`} at ${host} port ${port} of process ${pid}.`
    }
    case 'deregistered':
      return `deregistered ${event.id}, as ${whyGone(event)}.`
    case 'left-alone': {
      const name = event.isNameLost ? ', and --name has no effect on it' : ''
      return harmlessLine(
        `port ${event.port} has registered itself as ${event.id}, so it is left alone${name}.`,
      )
    }
    case 'unanswered':
      return `port ${event.port} is not registered, as it ${event.reason} ${adviceFor(event)}It is tried again.`
    case 'ending-rest': {
      const what = processes(event.pids)
      return event.isTold
        ? `the command has ended, and ${what} not yet. What runs after 5 s is ended; another Ctrl+C ends it at once.`
        : `the command has ended and left ${what} running: that is ended as well.`
    }
    case 'rest-ended':
      return event.pids.length === 0
        ? 'what was left running has ended.'
        : `${processes(event.pids)} could not be ended.`
    case 'exited':
      return `the command has ended ${event.signal === null ? `with code ${event.code}` : `by ${event.signal}`}.`
    case 'restarting':
      return `it is started again ${event.delayMs < 50 ? 'at once' : `in ${(event.delayMs / 1000).toFixed(1)} s`}.`
    case 'owner-gone':
      return `it is not started again, as process ${event.pid}, on whose behalf it ran, has gone.`
    case 'warning':
    case 'failed':
      return event.message
  }
}

function whyGone({ port, reason }: Extract<RunEvent, { type: 'deregistered' }>): string {
  switch (reason) {
    case 'closed':
      return `nothing of the command listens at port ${port} any more`
    case 'ended':
      return 'the command has ended'
    case 'exited':
      return 'its process has ended by a crash'
    case 'left-alone':
      return `port ${port} has registered itself`
  }
}

/** What to do about an answer, with a space behind it. */
function adviceFor({ status, port }: Extract<RunEvent, { type: 'unanswered' }>): string {
  if (status === null) return ''
  if (status !== 401 && status !== 403) return 'Is it another --path or --protocol? '
  return `If it asks for credentials of its own, register it by "wsyard register --port ${port}". `
}

function processes(pids: readonly number[]): string {
  return `${pids.length === 1 ? 'process' : 'processes'} ${pids.join(', ')}`
}
