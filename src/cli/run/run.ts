/**
 * Runs a command, again after a crash if that is asked for, with its ports registered meanwhile; and ends as it did.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { reasonOf, retryAfter, untried } from '../../core/index.js'
import { type Families, openRegistry, processFamilies, type Registry } from '../../registry/index.js'
import { endFamily } from './end-family.js'
import { freePort } from './free-port.js'
import { type Guardian, startGuardian } from './guardian.js'
import { passSignals } from './pass-signals.js'
import { createPorts, type EntryDetails } from './ports.js'
import { createTell, type Tell } from './run-event.js'
import {
  type CommandLine,
  codeOfSignal,
  type Outcome,
  type RunningCommand,
  startCommand,
} from './start-command.js'

export interface RunOptions {
  readonly command: CommandLine
  readonly details: EntryDetails
  /** The subprotocols that its servers ask for. */
  readonly protocols: readonly string[]
  /** Whether to start it again after a crash. */
  readonly restart: boolean
  readonly json: boolean
  readonly quiet: boolean
  exitWith(code: number): void
}

/** How long a signal to this process may take. */
const ownSignalMs = 200

/** The signals that ask a command to end; of SIGHUP many read their settings anew, and live on. */
const ending: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTERM']

/** Resolves when nothing of it is left, if this process does not end by a signal then. */
export async function run(options: RunOptions): Promise<void> {
  const tell = createTell(options)
  const warn = (message: string, code: string | null = null): void => tell({ type: 'warning', code, message })
  const registry = openRegistry({ onWarning: ({ message, code }) => warn(message, code) })
  const families = await processFamilies()
  const guardian = startGuardian()
  const signals = createSignals()
  const outcome = await runUntilOver(options, { registry, families, guardian, signals, tell })
  await registry.close().catch((error: unknown) => warn(reasonOf(error)))
  await guardian.close()
  signals.close()
  await endAs(outcome, options.exitWith)
}

interface Surroundings {
  readonly registry: Registry
  /** Undefined on Windows, which does not say. */
  readonly families: Families | undefined
  readonly guardian: Guardian
  readonly signals: Signals
  readonly tell: Tell
}

async function runUntilOver(options: RunOptions, surroundings: Surroundings): Promise<Outcome> {
  const { signals, tell } = surroundings
  for (let retry = untried; ; ) {
    const port = options.command.portVariable === undefined ? undefined : await freePort()
    if (signals.interruption.aborted) return { code: null, signal: signals.interruption.reason }
    const startedAt = performance.now()
    const command = await startCommand(options.command, port)
    if ('message' in command) {
      tell({ type: 'failed', ...command })
      return { code: command.code, signal: null }
    }
    tell({ type: 'started', pid: command.pid, port: port ?? null })
    const outcome = await untilItEnds(command, port, { ...options, ...surroundings })
    tell({ type: 'exited', ...outcome })
    if (!options.restart || outcome.code === 0 || signals.haveEnded(outcome)) return outcome

    const now = performance.now()
    retry = retryAfter(retry, { now, chance: Math.random(), heldMs: now - startedAt })
    const delayMs = Math.round(retry.dueAt - now)
    tell({ type: 'restarting', delayMs })
    await pause(delayMs, undefined, { signal: signals.interruption }).catch(() => {})
  }
}

/** Keeps the ports of a command registered until it ends, and ends what it leaves. */
async function untilItEnds(
  { pid, ended }: RunningCommand,
  port: number | undefined,
  { registry, families, guardian, signals, details, protocols, tell }: RunOptions & Surroundings,
): Promise<Outcome> {
  const familyOf: Families['familyOf'] = (leader) => families?.familyOf(leader) ?? []
  signals.goTo(pid)
  guardian.guard(pid)
  const ports = createPorts({ registry, familyOf, leader: pid, details, protocols, tell })
  const undo = families?.followListeners(pid, ports.update)
  if (undo === undefined && port !== undefined) ports.update([{ pid, host: '127.0.0.1', port }])
  const outcome = await ended
  signals.goTo(undefined)
  undo?.()
  await ports.close()
  await endFamily(pid, familyOf)
  guardian.guard(undefined)
  return outcome
}

interface Signals {
  /** Says which command gets those that come from now on. */
  goTo(pid: number | undefined): void
  /** Aborted, with the signal as its reason, by one that asks to end while no command runs. */
  readonly interruption: AbortSignal & { readonly reason: NodeJS.Signals }
  /** Whether the last command has ended so by what this process was sent, or is not to be followed by another. */
  haveEnded(outcome: Outcome): boolean
  close(): void
}

function createSignals(): Signals {
  const interruption = new AbortController()
  let target: number | undefined
  let passed: readonly NodeJS.Signals[] = []
  const close = passSignals(
    () => target,
    (signal) => {
      if (target !== undefined) passed = [...passed, signal]
      else if (signal === 'SIGHUP' || ending.includes(signal)) interruption.abort(signal)
    },
  )
  return {
    goTo(pid) {
      if (pid !== undefined) passed = []
      target = pid
    },
    interruption: interruption.signal,
    haveEnded: ({ signal }) =>
      interruption.signal.aborted || passed.some((one) => one === signal || ending.includes(one)),
    close,
  }
}

/** Ends this process as the command has ended. */
async function endAs({ code, signal }: Outcome, exitWith: (code: number) => void): Promise<void> {
  if (signal === null) {
    exitWith(code ?? 1)
    return
  }
  exitWith(codeOfSignal(signal)) // for what Node itself does not end by, as SIGPIPE
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  await pause(ownSignalMs)
}
