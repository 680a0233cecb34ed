/**
 * Push with everything around it moved by the test: a view that says what it is told to, clients that take what they are
 * sent only while they want to, and beats.
 */
import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { Entry } from '../../src/core/index.js'
import { createPush, type Push } from '../../src/hub/push.js'
import type { HubView, ViewListener } from '../../src/hub/view.js'
import type { WatchEvent } from '../../src/registry/index.js'

export const entry = (id: string, fields: Partial<Entry> = {}): Entry => ({
  id,
  port: 1,
  pid: 1,
  state: 'up',
  ...fields,
})

/** A view that says what it is told to. */
function createFakeView() {
  const entries = new Map<string, Entry>()
  const listeners = new Set<ViewListener>()
  const state: { revision: HubView['revision']; problem: Error | undefined } = {
    revision: undefined,
    problem: undefined,
  }
  const tell = (event: WatchEvent): void => {
    state.revision = { epoch: event.epoch, revision: event.revision }
    for (const listener of listeners) listener.onEvent(event)
  }
  const view: HubView = {
    entries,
    scope: undefined,
    find: (key) => entries.get(key),
    get revision() {
      return state.revision
    },
    get problem() {
      return state.problem
    },
    whenReady() {},
    follow(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {},
  }
  return {
    view,
    begin(epoch: string, revision: number) {
      tell({ type: 'snapshot', epoch, revision, entries: [...entries.values()] })
    },
    add(...added: Entry[]) {
      for (const one of added) entries.set(one.id, one)
      const { epoch, revision } = state.revision ?? { epoch: '', revision: 0 }
      const changes = added.map((one) => ({ type: 'added' as const, entry: one }))
      tell({ type: 'change', epoch, revision: revision + 1, changes })
    },
    remove(id: string) {
      const { epoch, revision } = state.revision ?? { epoch: '', revision: 0 }
      const gone = entries.get(id) ?? entry(id)
      entries.delete(id)
      const changes = [{ type: 'removed' as const, entry: gone, reason: 'exited' as const }]
      tell({ type: 'change', epoch, revision: revision + 1, changes })
    },
    problem(problem: Error | undefined) {
      state.problem = problem
      for (const listener of listeners) listener.onProblem(problem)
    },
  }
}

/** The other end of a socket, which takes what it is sent only while it wants to. */
export class Client extends Duplex {
  readonly chunks: Buffer[] = []
  isTaking = true
  #held: (() => void) | undefined

  override _read(): void {}
  /** What is sent in one go is taken piece by piece, so that a test can look at once. */
  override cork(): void {}
  override uncork(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.chunks.push(chunk)
      done()
    }
    if (this.isTaking) take()
    else this.#held = take
  }
  /** Takes one chunk, or all and whatever follows. */
  accept(all: boolean): void {
    this.isTaking = all
    const held = this.#held
    this.#held = undefined
    held?.()
  }
  /** What it has been sent behind the handshake: texts as JSON, other frames by name, closes with their code. */
  get heard(): unknown[] {
    return frames(Buffer.concat(this.chunks.slice(1))).map(({ opcode, payload }) => {
      if (opcode === 1) return JSON.parse(payload.toString())
      return opcode === 8 ? payload.readUInt16BE() : { 9: 'ping', 10: 'pong' }[opcode]
    })
  }
  /** The messages, each in short. */
  get told(): string[] {
    const messages = this.heard as { type?: string; revision?: number; error?: { message: string } | null }[]
    return messages.map((one) =>
      one.type === undefined
        ? String(one)
        : [one.type, one.revision ?? (one.error === null ? 'over' : one.error?.message)].join(' ').trim(),
    )
  }
}

function frames(bytes: Buffer): { opcode: number; payload: Buffer }[] {
  const found = []
  for (let rest = bytes; rest.length > 0; ) {
    const short = rest.readUInt8(1)
    const [length, head] =
      short < 126
        ? [short, 2]
        : short === 126
          ? [rest.readUInt16BE(2), 4]
          : [Number(rest.readBigUInt64BE(2)), 10]
    found.push({ opcode: rest.readUInt8(0) & 15, payload: rest.subarray(head, head + length) })
    rest = rest.subarray(head + length)
  }
  return found
}

/** The headers of a good handshake. */
export const handshake = {
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'wsyard.v1',
}

/** A client that has asked for the push socket. */
export function connect(
  push: Push,
  query = '',
  options: { head?: Buffer; headers?: object; isGone?: boolean; isTaking?: boolean } = {},
): Client {
  const client = new Client()
  client.isTaking = options.isTaking ?? true
  if (options.isGone === true) client.destroy()
  const request = { method: 'GET', headers: options.headers ?? handshake } as IncomingMessage
  push.accept(request, client, options.head ?? Buffer.alloc(0), { to: 'registry', query })
  return client
}

/** Push over a registry that has not been read yet: `source` says what is in it. */
export function setUp(maxSubscribers = 100) {
  const source = createFakeView()
  const beats = new Set<() => void>()
  const push = createPush(source.view, {
    maxSubscribers,
    onBeat(beat) {
      beats.add(beat)
      return () => beats.delete(beat)
    },
  })
  return {
    source,
    push,
    beats,
    /** A beat, and what comes of it. */
    async beat() {
      for (const one of beats) one()
      await setImmediate()
    },
  }
}

/** So large that two of them are more than may wait. */
export const large = (id: string) => entry(id, { meta: { text: 'x'.repeat(600_000) } })
