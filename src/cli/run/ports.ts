/**
 * Keeps each port of a command registered for as long as it accepts WebSockets. Which ports there are it is told.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { defined, type Entry, type Meta, reasonOf, toServer, untried } from '../../core/index.js'
import {
  type FamilyMember,
  isOfThisMachine,
  isRunning,
  type Listener,
  type Owner,
  type Registration,
  type Registry,
} from '../../registry/index.js'
import { askAgain } from './ask-again.js'
import type { Tell } from './run-event.js'
import { tryPort, type Unanswered } from './try-port.js'

export interface PortsOptions {
  readonly registry: Registry
  /** The processes of the command. */
  familyOf(): readonly FamilyMember[]
  /** Resolves to whether the command has crashed once it has ended. */
  readonly hasCrashed: Promise<boolean>
  /** What the entries say besides where the server listens. */
  readonly details: EntryDetails
  /** The subprotocols to offer. */
  readonly protocols: readonly string[]
  readonly tell: Tell
}

export interface EntryDetails {
  readonly name: string | undefined
  readonly meta: Meta | undefined
  readonly path: string | undefined
  readonly owner: Owner | undefined
}

export interface Ports {
  /** Says where the command listens now, each port once. */
  update(listeners: readonly Listener[]): void
  /** Resolves when no entry is left. */
  close(): Promise<void>
}

/** For how long it is not told what a port answers: many servers listen a moment before they accept WebSockets. */
const untoldMs = 500

/** At which address is dialled what listens at all: one of IPv6 may be for IPv4 too, or for itself alone. */
const dialable: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': 'localhost' }

/** A server that registers itself may be asked before it has; this is when it is looked again, at the latest in twice the time. */
const secondLookMs = 1000

/** A process that ends lets go of its ports a moment before it has ended. */
const exitMs = 50

/** When a server has ended, the command that has it below itself ends a moment later, if at all. */
const commandEndsMs = 1000

export function createPorts(options: PortsOptions): Ports {
  const { registry, familyOf, hasCrashed, details, protocols, tell } = options
  const followed = new Map<string, AbortController>()
  const running = new Set<Promise<void>>()
  const ownIds = new Set<string>()

  /** The entry by which a process of the command has made a port known itself. */
  const selfRegistered = async ({ port, pid }: Listener): Promise<Entry | undefined> => {
    const entries = (await registry.list()).filter((one) => one.port === port && !ownIds.has(one.id))
    if (entries.length === 0) return undefined
    const pids = new Set([pid, ...familyOf().map((member) => member.pid)])
    return entries.find((entry) => isOfThisMachine(entry) && pids.has(entry.pid))
  }

  const leaveAlone = async ({ id, port }: Entry, signal: AbortSignal): Promise<void> => {
    tell({ type: 'left-alone', id, port, isNameLost: details.name !== undefined })
    await aborted(signal)
  }

  /** Lets go of an entry, so that it is known afterwards whether its server has crashed. Resolves to why. */
  const letGo = async (registration: Registration): Promise<'exited' | 'ended' | 'closed'> => {
    const crashWithin = (ms: number) => Promise.race([hasCrashed, pause(ms, undefined, { ref: false })])
    const hasExited = (): boolean => !isRunning(registration.entry)
    let isCrash = await crashWithin(exitMs)
    if (isCrash === undefined && hasExited()) isCrash = await crashWithin(commandEndsMs)
    if (isCrash === true && hasExited()) {
      registration.release()
      await registry.prune()
      return 'exited'
    }
    await registration.close()
    return isCrash === undefined ? 'closed' : 'ended'
  }

  const keep = async (listener: Listener, signal: AbortSignal): Promise<void> => {
    const { port } = listener
    const registration = await registry.register({ ...defined(details), ...listener })
    const { id, entry } = registration
    ownIds.add(id)
    tell({ type: 'registered', entry: toServer(entry) })
    // At chance, so that of two `wsyard run`, one in the other, that have both registered a port one is left.
    await pause(secondLookMs * (1 + Math.random()), undefined, { signal }).catch(() => {})
    const other = signal.aborted ? undefined : await selfRegistered(listener).catch(() => undefined)
    if (other === undefined) await aborted(signal)
    if (other === undefined) {
      tell({ type: 'deregistered', id, port, reason: await letGo(registration) })
      return
    }
    await registration.close()
    tell({ type: 'deregistered', id, port, reason: 'left-alone' })
    await leaveAlone(other, signal)
  }

  /** Resolves when nothing more is to be done for a port, or to why it is not registered yet. */
  const attend = async (listener: Listener, signal: AbortSignal): Promise<Unanswered | undefined> => {
    const { host, port } = listener
    const question = { host: dialable[host] ?? host, port, path: details.path ?? '/', protocols }
    const known = await selfRegistered(listener)
    const refusal = known === undefined ? await tryPort(question, signal) : undefined
    const registered = known ?? (await selfRegistered(listener)) // it may have come with the answer
    if (signal.aborted) return undefined
    if (registered !== undefined) await leaveAlone(registered, signal)
    else if (refusal === undefined) await keep(listener, signal)
    return refusal
  }

  const follow = async (listener: Listener, signal: AbortSignal): Promise<void> => {
    const since = performance.now()
    let isTold = false
    let retry = untried
    while (!signal.aborted) {
      const unanswered = await attend(listener, signal).catch((error: unknown): Unanswered => {
        return { reason: `cannot be registered: ${reasonOf(error)}`, status: null }
      })
      if (unanswered === undefined || signal.aborted) return
      const now = performance.now()
      if (!isTold && now - since > untoldMs) {
        isTold = true
        tell({ type: 'unanswered', port: listener.port, ...unanswered })
      }
      retry = askAgain(retry, { now, chance: Math.random(), ageMs: now - since })
      await pause(retry.dueAt - now, undefined, { signal }).catch(() => {})
    }
  }

  const close = async (): Promise<void> => {
    for (const controller of followed.values()) controller.abort()
    await Promise.all(running)
  }
  return {
    update(listeners) {
      const current = new Map(listeners.map((one) => [`${one.pid} ${one.host} ${one.port}`, one]))
      for (const [key, controller] of followed) {
        if (current.has(key)) continue
        followed.delete(key)
        controller.abort()
      }
      for (const [key, listener] of current) {
        if (followed.has(key)) continue
        const controller = new AbortController()
        followed.set(key, controller)
        const done = follow(listener, controller.signal).finally(() => running.delete(done))
        running.add(done)
      }
    },
    close,
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
