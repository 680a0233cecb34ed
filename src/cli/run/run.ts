/**
 * Runs a command, again after a crash if that is asked for, with its ports registered meanwhile; and ends as it did.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { reasonOf, retryAfter, untried } from '../../core/index.js'
import {
  type Families,
  type FamilyMember,
  isRunning,
  openRegistry,
  processFamilies,
  type Registry,
} from '../../registry/index.js'
import { endFamily } from './end-family.js'
import { freePort } from './free-port.js'
import { type Guardian, startGuardian } from './guardian.js'
import { createPorts, type EntryDetails } from './ports.js'
import { createTell, type Tell } from './run-event.js'
import { createSignals, type Signals } from './signals.js'
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
  const { guardian, signals, tell } = surroundings
  const { owner } = options.details
  for (let retry = untried; ; ) {
    const port = options.command.portVariable === undefined ? undefined : await freePort()
    if (signals.interruption.aborted) return { code: null, signal: signals.interruption.reason }
    const startedAt = performance.now()
    const command = await startCommand(options.command, port)
    if ('message' in command) {
      tell({ type: 'failed', ...command })
      return { code: command.code, signal: null }
    }
    guardian.guard([command.pid])
    tell({ type: 'started', pid: command.pid, port: port ?? null })
    const { outcome, isCrash } = await untilItEnds(command, port, { ...options, ...surroundings })
    tell({ type: 'exited', ...outcome })
    if (!options.restart || !isCrash || signals.interruption.aborted) return outcome

    const now = performance.now()
    retry = retryAfter(retry, { now, chance: Math.random(), heldMs: now - startedAt })
    const delayMs = Math.round(retry.dueAt - now)
    tell({ type: 'restarting', delayMs })
    await pause(delayMs, undefined, { signal: signals.interruption }).catch(() => {})
    if (owner !== undefined && !isRunning(owner)) {
      tell({ type: 'owner-gone', pid: owner.pid })
      return outcome
    }
  }
}

/** Keeps the ports of a command registered until it ends, and ends what it leaves. */
async function untilItEnds(
  { pid, ended }: RunningCommand,
  port: number | undefined,
  { registry, families, guardian, signals, details, protocols, tell }: RunOptions & Surroundings,
): Promise<{ outcome: Outcome; isCrash: boolean }> {
  let sessions: readonly number[] = [pid]
  const familyOf = (): readonly FamilyMember[] => families?.familyOf(sessions) ?? []
  const hasCrashed = ended.then(signals.isCrash)
  const ports = createPorts({ registry, familyOf, hasCrashed, details, protocols, tell })
  const follower = families?.followFamily(pid, (look) => {
    sessions = look.sessions
    guardian.guard(sessions)
    ports.update(look.listeners)
  })
  if (follower === undefined && port !== undefined) ports.update([{ pid, host: '127.0.0.1', port }])
  signals.goTo(pid, () => follower?.beforeEnd())
  const outcome = await ended
  signals.stay()
  follower?.close()
  await ports.close()
  await endFamily(familyOf, tell, { isTold: signals.isRestTold(), hurry: signals.interruption })
  guardian.guard([])
  return { outcome, isCrash: await hasCrashed }
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
