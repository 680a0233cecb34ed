/**
 * Fifty subscribers that come and go, are slow, and ask for what there is and for what there never was, while servers come, go and
 * change and the hub is killed: all of them are told one history. Seeded: `PUSH_SEED` makes another run.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  applyEvent,
  type ChangeEvent,
  isSame,
  type PushMessage,
  type Revision,
  type SnapshotServer,
  toServer,
} from '../../src/core/index.js'
import { openRegistry, type Registration } from '../../src/registry/index.js'
import { isLong } from '../support/length.js'
import { createTestHome, projectRoot, type TestHome } from '../support/processes.js'
import { type Connection, checkPushHistory, type Property, type Violation } from '../support/push-history.js'
import { type SeededRandom, seededRandom } from '../support/seeded-random.js'

const seed = Number(process.env.PUSH_SEED ?? 4)
const subscribers = 50
const enough = isLong ? 10_000 : 700

it(`fifty subscribers are told one history (seed ${seed})`, { timeout: 300_000 }, async () => {
  await using home = createTestHome()
  const hub = await startHub(home)
  const company = createCompany(hub.url)
  home.onCleanUp(company.leave)
  const random = seededRandom(seed)
  const servers = await startServers(home, random)
  const [witness, visitor] = [company.join(), company.join()]
  const comings = [comeAndStay(witness, company)]
  while (company.all.length < subscribers) {
    const subscriber = company.join({ isSlow: company.all.length % 5 === 0 })
    comings.push(comeAndGo(subscriber, company, seededRandom(seed * 1000 + company.all.length)))
  }
  const told = (what: string, holds: () => boolean): Promise<void> =>
    company.until(
      holds,
      () => `It was not told ${what}: ${JSON.stringify(violationsOf(company).slice(0, 10))}`,
    )
  const allTold = (): Promise<void> => told('of all servers', () => servers.areIn(witness.view))
  const visit = async (): Promise<void> => {
    await visitor.connect('there')
    await told('what the others know', () => visitor.isTold && isSame(visitor.last, witness.last))
    visitor.drop()
  }
  const changeUntil = async (changes: number): Promise<void> => {
    while (company.changes < changes) {
      if (random.below(4) === 0) hub.stall(random.below(2) === 0)
      for (let deeds = random.below(12); deeds >= 0; deeds -= 1) await servers.change()
      await setImmediate()
      if (random.below(3) > 0) await allTold()
      if (random.below(5) > 0) continue
      await visit() // is told what it missed,
      await visit() // and that this was all
    }
  }

  await changeUntil(enough / 2)
  await allTold()
  hub.stall(true)
  for (let times = 0; times < 4; times += 1) {
    const { revisions } = company
    servers.writeLarge() // so large that the list comes in parts, and so often that the slow ones need it
    await told('of the large ones', () => company.revisions > revisions)
  }
  const restarted = hub.restart()
  await changeUntil(company.changes + 50)
  await restarted
  await changeUntil(company.changes + 50)
  servers.eraseLarge()
  await changeUntil(enough)

  await allTold()
  hub.stall(false)
  company.end()
  await Promise.all(comings)
  const list = async (): Promise<SnapshotServer[]> => sorted((await servers.list()).map(toServer))
  await expect.poll(async () => isSame(sorted(witness.view.values()), await list())).toBe(true)
  const latecomer = company.join()
  for (const subscriber of company.all) subscriber.drop()
  await Promise.all(company.all.map((subscriber) => subscriber.connect('there')))
  const isLast = ({ isTold, last }: Subscriber): boolean => isTold && isSame(last, latecomer.last)
  await told('the last', () => company.all.every(isLast))

  const violations = violationsOf(company)
  console.log(`${describe(company)}, ${violations.length} violations (seed ${seed})`)
  expect(violations.slice(0, 10)).toEqual([])
  for (const { view } of company.all) expect(sorted(view.values())).toEqual(await list())
  for (const [property, subscriber, defective] of withBugs(historyOf(company))) {
    const found = checkPushHistory(defective).filter((violation) => violation.subscriber === subscriber)
    expect(found.map((violation) => violation.property)).toContain(property)
  }
})

type History = readonly (readonly Connection[])[]

function historyOf({ all }: Company): History {
  return all.map(({ connections }) => connections)
}

function violationsOf(company: Company): readonly Violation[] {
  return checkPushHistory(historyOf(company))
}

/** What was recorded, with one bug for each property, all of them where one that had resumed was told some changes. */
function* withBugs(history: History): Generator<[property: Property, subscriber: number, History]> {
  const isChange = (message: PushMessage | undefined): message is ChangeEvent<SnapshotServer> =>
    message?.type === 'change'
  for (const [subscriber, connections] of history.entries()) {
    for (const connection of connections) {
      const [first, second, third, ...others] = connection.messages
      const several = connection.messages.filter(isChange).find(({ changes }) => changes.length > 1)
      if (!connection.from || subscriber === 0 || !several) continue
      if (!isChange(first) || !isChange(second) || !isChange(third)) continue
      const rest = [third, ...others]
      const part = { ...several, changes: several.changes.slice(1) }
      const bugs: Record<Property, PushMessage[]> = {
        ordered: [second, first, ...rest],
        unique: [first, first, second, ...rest],
        atomic: connection.messages.map((message) => (message === several ? part : message)),
        reliable: [first, ...rest],
        resumable: [second, ...rest],
        bookmarkable: [first, { ...second, type: 'bookmark' }, second, ...rest],
      }
      for (const [property, messages] of Object.entries(bugs) as [Property, PushMessage[]][]) {
        const defective = connections.map((one) => (one === connection ? { ...one, messages } : one))
        yield [property, subscriber, history.with(subscriber, defective)]
      }
      return
    }
  }
  throw new Error('nobody resumed and was told three changes at once')
}

function describe(company: Company): string {
  const { changes, revisions } = company
  const connections = historyOf(company).flat()
  const messages = connections.flatMap((connection) => connection.messages)
  const count = (type: PushMessage['type']): number =>
    messages.filter((message) => message.type === type).length
  const asked = connections.filter(({ from }) => from !== undefined)
  const resumed = asked.filter((connection) => /change|bookmark/.test(connection.messages[0]?.type ?? ''))
  return [
    `${changes} changes in ${revisions} revisions`,
    `${messages.length} messages`,
    `${connections.length} connections`,
    `${resumed.length} of ${asked.length} resumed`,
    `${count('snapshot')} snapshots`,
    `${count('part')} parts`,
    `${count('bookmark')} bookmarks`,
  ].join(', ')
}

function sorted(entries: Iterable<SnapshotServer>): SnapshotServer[] {
  return [...entries].sort((one, other) => (one.id < other.id ? -1 : 1))
}

/** A hub in a process of its own. */
async function startHub(home: TestHome) {
  const start = async (port: number): Promise<{ child: ChildProcess; port: number }> => {
    const child = fork(join(projectRoot, 'test/support/stalling-hub.js'), [home.path, String(port)])
    home.onCleanUp(() => end(child))
    return { child, port: Number((await once(child, 'message'))[0]) }
  }
  let starting = start(0)
  let running = await starting
  return {
    /** Resolves once it listens, again after a restart. */
    url: async () => `ws://127.0.0.1:${(await starting).port}/api/registry`,
    /** Whether the slow ones take nothing. */
    stall(isStalled: boolean): void {
      running.child.send(isStalled, () => {}) // or not, if it is being killed
    },
    /** Kills it, and starts another at the same port. */
    async restart(): Promise<void> {
      starting = end(running.child).then(() => start(running.port))
      running = await starting
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Servers of this process, some of which register, and some of which are written into the index by hand. */
async function startServers(home: TestHome, random: SeededRandom) {
  const registry = openRegistry({ home: home.path })
  const listener = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  home.onCleanUp(async () => {
    await registry.close()
    listener.closeAllConnections()
    await new Promise((resolve) => listener.close(resolve))
  })
  const { port } = listener.address() as AddressInfo
  const registered: Registration[] = []
  const lines = new Map<string, object>()
  let turn = 0

  const register = async (id?: string): Promise<void> => {
    turn += 1
    const token = { path: `/${turn}`, auth: 'token' } as const
    const details = random.pick([{}, { name: 'worker' }, { meta: { turn } }, token])
    registered.push(await registry.register({ port, ...(id === undefined ? {} : { id }), ...details }))
  }
  const deregister = async (): Promise<string | undefined> => {
    const [leaves] = registered.splice(random.below(registered.length), 1)
    await leaves?.close()
    return leaves?.id
  }
  const writeLine = (id: string, text = ''): void => {
    lines.set(id, { id, port: 1 + random.below(65_535), pid: process.pid, meta: { text } })
  }
  /** Several changes at once. */
  const saveLines = (): void => {
    const index = JSON.parse(readFileSync(home.indexPath, 'utf8')) as { servers: { instance?: string }[] }
    const managed = index.servers.filter(({ instance }) => instance !== undefined)
    writeFileSync(
      home.indexPath,
      JSON.stringify({ ...index, servers: [...managed, ...lines.values()] }, null, 2),
    )
  }
  const deeds = [
    () => register(),
    deregister,
    async () => register(await deregister()), // the same id at once, as another run
    async () => {
      const id = `named-${random.below(40)}` // it may have been there before
      if (registered.every((one) => one.id !== id)) await register(id)
    },
    deregister,
    () => {
      for (let some = random.below(8); some >= 0; some -= 1) {
        const id = `written-${random.below(30)}`
        if (random.below(3) === 0) lines.delete(id)
        else writeLine(id)
      }
      saveLines()
    },
  ]
  await register()

  return {
    list: () => registry.list(),
    async change(): Promise<void> {
      await (registered.length < 10 ? register() : random.pick(deeds)())
    },
    writeLarge(): void {
      for (let large = 0; large < 70; large += 1) writeLine(`large-${large}`, 'x'.repeat(3900))
      saveLines()
    },
    eraseLarge(): void {
      for (const id of lines.keys()) if (id.startsWith('large')) lines.delete(id)
      saveLines()
    },
    /** Whether a view has those that are registered, and no others. Lines are not looked at: of two that write, one may lose. */
    areIn(view: ReadonlyMap<string, SnapshotServer>): boolean {
      const isIn = ({ id, entry }: Registration): boolean => view.get(id)?.instance === entry.instance
      const managed = [...view.values()].filter(({ instance }) => instance !== undefined)
      return managed.length === registered.length && registered.every(isIn)
    },
  }
}

/** From where to go on: from its last point, from one before, from none, from one that is yet to come, or of an epoch of nobody. */
type Wish = 'there' | 'back' | 'anew' | 'ahead' | 'elsewhere'
const wishes: readonly Wish[] = [
  ...Array<Wish>(15).fill('there'),
  'back',
  'anew',
  'anew',
  'ahead',
  'elsewhere',
]

function pointOf(wish: Wish, last: Revision, random: SeededRandom): Revision | undefined {
  const { epoch, revision } = last
  switch (wish) {
    case 'there':
      return last
    case 'back':
      return { epoch, revision: Math.max(0, revision - random.below(50)) }
    case 'anew':
      return undefined
    case 'ahead':
      return { epoch, revision: revision + 1_000_000 }
    case 'elsewhere':
      return { epoch: '0123456789abcdef', revision }
  }
}

interface Subscriber {
  readonly connections: readonly Connection[]
  readonly view: ReadonlyMap<string, SnapshotServer>
  /** The last point of which it was told. */
  readonly last: Revision | undefined
  readonly isConnected: boolean
  /** Whether it was sent anything since it last connected. */
  readonly isTold: boolean
  /** How many messages it was sent in all. */
  readonly told: number
  connect(wish: Wish, random?: SeededRandom): Promise<void>
  drop(): void
}

type Company = ReturnType<typeof createCompany>

/** All who follow one hub, and what they were told. */
function createCompany(url: () => Promise<string>) {
  const all: Subscriber[] = []
  const waiting = new Set<() => void>()
  /** All are told the same, and it is read once. */
  const read = new Map<string, PushMessage>()
  let [changes, revisions] = [0, 0]
  let [isOver, hasLeft] = [false, false]

  const look = (): void => {
    for (const one of waiting) one()
  }
  const messageOf = (text: string): PushMessage => {
    const known = read.get(text)
    if (known !== undefined) return known
    const message = JSON.parse(text) as PushMessage
    read.set(text, message)
    if (message.type === 'change') {
      revisions += 1
      changes += message.changes.length
    }
    return message
  }

  const join = ({ isSlow = false } = {}): Subscriber => {
    const connections: Connection[] = []
    const view = new Map<string, SnapshotServer>()
    let socket: WebSocket | undefined
    let last: Revision | undefined
    let told = 0
    const open = async (from: Revision | undefined): Promise<boolean> => {
      const query = `?${isSlow ? 'slow&' : ''}${from ? `epoch=${from.epoch}&revision=${from.revision}` : ''}`
      const opened = new WebSocket((await url()) + query, ['wsyard.v1'])
      const messages: PushMessage[] = []
      let parts: SnapshotServer[] = []
      socket = opened
      opened.on('message', (data) => {
        if (socket !== opened) return
        const message = messageOf(String(data))
        messages.push(message)
        told += 1
        // Whatever comes is taken as it comes: it is not for a subscriber to judge here.
        if (message.type === 'part') parts.push(...message.entries)
        else if (message.type === 'snapshot' || message.type === 'change') {
          const isList = message.type === 'snapshot'
          applyEvent(view, isList ? { ...message, entries: [...parts, ...message.entries] } : message)
          if (isList) parts = []
          last = { epoch: message.epoch, revision: message.revision }
        }
        look()
      })
      opened.on('error', () => {}) // the hub may have been killed
      opened.on('close', () => {
        if (socket === opened) socket = undefined
        look()
      })
      const isOpen = await new Promise<boolean>((resolve) => {
        opened.once('open', () => resolve(true)).once('close', () => resolve(false))
      })
      if (isOpen) connections.push({ from, messages })
      return isOpen
    }
    const subscriber: Subscriber = {
      connections,
      view,
      get last() {
        return last
      },
      get isConnected() {
        return socket !== undefined
      },
      get isTold() {
        return socket !== undefined && connections.at(-1)?.messages.length !== 0
      },
      get told() {
        return told
      },
      async connect(wish, random = seededRandom(seed)) {
        const from = last && pointOf(wish, last, random)
        while (!hasLeft && !(await open(from))) await setImmediate()
      },
      drop() {
        socket?.terminate()
        socket = undefined
      },
    }
    all.push(subscriber)
    return subscriber
  }

  return {
    all,
    join,
    get changes() {
      return changes
    },
    get revisions() {
      return revisions
    },
    get isOver() {
      return isOver
    },
    end(): void {
      isOver = true
      look()
    },
    /**
     * Resolves once it holds, which is looked at when anybody is told something or loses its connection.
     *
     * @param complaint rejects with it if that takes too long.
     */
    until: (holds: () => boolean, complaint?: () => string): Promise<void> =>
      new Promise((resolve, reject) => {
        const complain = complaint && setTimeout(() => reject(new Error(complaint())), 30_000)
        const one = (): void => {
          if (!holds()) return
          clearTimeout(complain)
          waiting.delete(one)
          resolve()
        }
        waiting.add(one)
        one()
      }),
    leave(): void {
      isOver = true
      hasLeft = true
      for (const subscriber of all) subscriber.drop()
      look()
    },
  }
}

/** Follows until it is over, whatever happens to the hub. */
async function comeAndStay(subscriber: Subscriber, company: Company): Promise<void> {
  while (!company.isOver) {
    await subscriber.connect('there')
    await company.until(() => company.isOver || !subscriber.isConnected)
  }
}

/** Follows for a while and stays away for a while, now and then for long, until it is over. */
async function comeAndGo(subscriber: Subscriber, company: Company, random: SeededRandom): Promise<void> {
  while (!company.isOver) {
    await subscriber.connect(random.pick(wishes), random)
    const told = subscriber.told + 1 + random.below(150)
    await company.until(() => company.isOver || !subscriber.isConnected || subscriber.told >= told)
    if (company.isOver) break
    subscriber.drop()
    const away = random.pick([0, 1, 10, 40, 80, 80, enough / 2])
    const back = company.revisions + random.below(away + 1)
    await company.until(() => company.isOver || company.revisions >= back)
  }
  if (!subscriber.isConnected) await subscriber.connect('there')
}
