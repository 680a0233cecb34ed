/**
 * What the processes of a random run are told and what they tell, and how the lines that a worker wrote become
 * operations of a history. Times are of one monotonic clock, in nanoseconds.
 */
import type { WatchEvent } from '../../src/registry/index.js'
import type { Operation } from '../support/history.js'
import type { Timed } from '../support/linearize.js'

/** What a worker is told. */
export type Command =
  | { readonly do: 'register'; readonly id: string; readonly run: string }
  | { readonly do: 'deregister'; readonly run: string }
  | { readonly do: 'list' }
  /** To say so when everything before it is done. */
  | { readonly do: 'finish'; readonly round: string }

/** One line of a worker's record. A call is followed by its result, unless the worker was killed in between. */
type WorkerLine =
  | { at: number; call: 'register' | 'deregister'; id: string; run: string }
  | { at: number; call: 'list' }
  | { at: number; result: 'ok' | 'taken' | 'failed' | 'unknown'; message?: string; seen?: [string, string][] }
  | { at: number; warning: string; message: string }
  | { at: number; stoodFrom: number }

/** A file that was not whole when it was read. */
export interface TornRead extends Timed {
  readonly torn: string
  readonly inode: number
  readonly text: string
}

/** What the processes beside the workers tell. */
export type Remark =
  | { readonly at: number; readonly event: WatchEvent }
  | { readonly at: number; readonly warning: string; readonly message: string }
  | { readonly at: number; readonly problem: string | undefined }
  | { readonly at: number; readonly twice: readonly string[] }
  | TornRead
  | (Timed & { readonly wrote: number })
  | { readonly url: string }
  | { readonly counts: { readonly indexReads: number; readonly entryReads: number } }

export interface WorkerRecord {
  readonly operations: readonly Operation[]
  readonly warnings: readonly { code: string; message: string }[]
  /** Times in which the process did not run, as it has noticed itself. */
  readonly stops: readonly (Timed & { readonly process: string })[]
  /** What was refused for other reasons than that the id is taken. */
  readonly failures: readonly (Timed & { readonly process: string; readonly message: string })[]
}

/** Reads a worker's record. Its last line may be cut: it was killed. */
export function readWorkerRecord(process: string, text: string): WorkerRecord {
  const operations: Operation[] = []
  const warnings: { code: string; message: string }[] = []
  const failures: (Timed & { process: string; message: string })[] = []
  const stops: (Timed & { process: string })[] = []
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  const lines = whole.filter((line) => line !== '').map((line) => JSON.parse(line) as WorkerLine)
  let open: Extract<WorkerLine, { call: string }> | undefined

  const close = (line?: Extract<WorkerLine, { result: string }>): void => {
    if (open === undefined) return
    const call = open
    open = undefined
    const result = line?.result ?? 'unknown'
    const timed = {
      process,
      invoked: call.at,
      returned: result === 'unknown' ? Infinity : (line?.at ?? Infinity),
    }
    if (result === 'failed') failures.push({ ...timed, message: `${call.call}: ${line?.message}` })
    if (call.call === 'register') {
      operations.push({ kind: 'register', ...timed, id: call.id, run: call.run, result })
    } else if (call.call === 'deregister') {
      const isDone = result === 'ok'
      operations.push({
        kind: 'deregister',
        ...timed,
        id: call.id,
        run: call.run,
        result: isDone ? 'ok' : 'unknown',
      })
    } else if (line?.seen !== undefined) {
      const seen = new Map<string, string[]>()
      for (const [id, run] of line.seen) seen.set(id, [...(seen.get(id) ?? []), run])
      operations.push({ kind: 'list', ...timed, seen })
    }
  }

  for (const line of lines) {
    if ('warning' in line) warnings.push({ code: line.warning, message: line.message })
    else if ('stoodFrom' in line) stops.push({ process, invoked: line.stoodFrom, returned: line.at })
    else if ('call' in line) open = line
    else close(line)
  }
  close()
  return { operations, warnings, stops, failures }
}
