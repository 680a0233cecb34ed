/**
 * What the end of a command means, given the signals that were handed on to it.
 */
import type { Outcome } from './start-command.js'

/** A signal that a command was sent by this process. */
export interface HandedOn {
  readonly signal: NodeJS.Signals
  /** Whether all of its process group got it, as by a terminal. */
  readonly isForAll: boolean
  /** When, in milliseconds of a clock that never goes back. */
  readonly at: number
}

/** As long as most that run services wait for one that they have told to end. After it whoever lives on has decided to. */
const countsMs = 30_000

/** What asks a command to end; of SIGHUP many read their settings anew. */
const asking: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTERM']

/** An end by these is in order, whoever sent them, as for `Restart=on-failure` of systemd. */
const orderly: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE']

/** Whether this asks a command to end, or may end it all the same. */
export function mayEnd(signal: NodeJS.Signals): boolean {
  return asking.includes(signal) || signal === 'SIGHUP'
}

/** Whether a command has ended so without anybody's wish. */
export function isCrash({ code, signal }: Outcome, handedOn: readonly HandedOn[], now: number): boolean {
  if (code === 0 || (signal !== null && orderly.includes(signal))) return false
  return !handedOn.some((one) => counts(one, now) && (one.signal === signal || asking.includes(one.signal)))
}

/** Whether what a command has left running knows that it is to end. */
export function isRestTold(handedOn: readonly HandedOn[], now: number): boolean {
  return handedOn.some((one) => one.isForAll && counts(one, now) && mayEnd(one.signal))
}

function counts({ at }: HandedOn, now: number): boolean {
  return now - at < countsMs
}
