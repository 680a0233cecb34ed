/**
 * What is done in a random run, to whom and when: a pure function of the seed. It plans as though every command took
 * no time; what a process finds when it comes to a command (an id that is taken, say) is the run's affair.
 */
import { type SeededRandom, seededRandom } from '../support/seeded-random.js'

export interface ScheduleOptions {
  readonly seed: number
  readonly seconds: number
  /** Seats of servers. Each has one process at a time, named after the seat and its turn: `s017.2`. */
  readonly processes: number
  /**
   * Seconds for which a lease holds, where the registry is in etcd: members of the cluster are killed and stopped there, and servers are
   * stopped for longer than that. Without it the registry is on disk, where a naive writer and `rm` are about.
   */
  readonly ttl?: number
}

export type Action = { readonly atMs: number } & (
  | { readonly do: 'start' | 'kill' | 'end' | 'stop' | 'continue'; readonly process: string }
  | { readonly do: 'list'; readonly process: string }
  | { readonly do: 'register'; readonly process: string; readonly id: string; readonly run: string }
  | { readonly do: 'deregister'; readonly process: string; readonly run: string }
  | { readonly do: 'add line' | 'remove line'; readonly id: string }
  | { readonly do: 'rm index' | 'rm home' }
  | { readonly do: 'kill member' | 'stop member'; readonly which: 'leader' | number }
  /** The last one that was killed or stopped. */
  | { readonly do: 'restore member' }
)

/** How often each is chosen, of what is chosen for a server; `end` is a SIGTERM. */
const weights = { register: 36, deregister: 26, list: 22, stop: 8, kill: 6, end: 2 } as const

/** However many processes there are: more would only measure the machine. */
const actionsPerSecond = 40

/**
 * The same with leases, which hundreds of processes renew all the time; and fewer for few processes, so that they live for longer than
 * those hold.
 */
const actionsPerSecondWithLeases = 20
const actionsPerLeaseholder = 1.2

const naivePerSecond = 2
const rmIndexPerSecond = 0.2

/** Once in so many seconds, and in each run once. */
const rmHomeEverySeconds = 60

/** This part of those that are stopped or ended have been given something to do, at most so long before. */
const atWorkPart = 0.7
const workMs = 8

/** A seat holds so many registrations at most. */
const maxRuns = 3

/** Of the ids, this part is wanted by any server; the others belong to one seat, whose processes use them in turn. */
const sharedPart = 0.25

/** Between two faults of members: leases run out in between, and every election prolongs them. */
const restSeconds = 3

/** A fault of a member begins so late at the earliest, so that the servers are there. */
const firstFaultMs = 2500

/** This part of the servers that are stopped in a registry with leases loses them. */
const longStopPart = 0.3

interface Seat {
  readonly name: string
  turn: number
  /** When its process is there again after a kill, and when it runs on after a stop. */
  startsAt: number
  continuesAt: number
  /** When it was last given something to do. */
  busyUntil: number
  registered: number
  /** What its process holds, as planned. */
  runs: { id: string; run: string }[]
}

export function createSchedule({ seed, seconds, processes, ttl }: ScheduleOptions): Action[] {
  const random = seededRandom(seed)
  const actions: Action[] = []
  const endMs = seconds * 1000
  const seats = Array.from({ length: processes }, (_, position) => createSeat(position))
  const sharedIds = Array.from({ length: Math.ceil(processes / 10) }, (_, position) => `shared-${position}`)

  for (const seat of seats) {
    seat.busyUntil = random.below(endMs / 10)
    register(seat, seat.busyUntil)
  }
  const perSecond =
    ttl === undefined
      ? actionsPerSecond
      : Math.min(actionsPerSecondWithLeases, processes * actionsPerLeaseholder)
  for (const atMs of times(random, seconds * perSecond, endMs)) act(random.pick(seats), atMs)
  if (ttl === undefined) planOthers()
  else planMembers(ttl)
  return actions.sort((a, b) => a.atMs - b.atMs)

  function act(seat: Seat, atMs: number): void {
    if (atMs < Math.max(seat.startsAt, seat.busyUntil)) return
    const process = processOf(seat)
    const isStopped = atMs < seat.continuesAt
    const kind = choose(random)
    if (kind === 'register') register(seat, atMs)
    else if (kind === 'deregister') deregister(seat, atMs)
    else if (kind === 'list') actions.push({ atMs, do: 'list', process })
    else if (kind === 'stop' && !isStopped) {
      seat.continuesAt = Math.min(endMs, atMs + 100 + stopMs())
      actions.push({ atMs, do: 'stop', process }, { atMs: seat.continuesAt, do: 'continue', process })
      if (random.next() < atWorkPart) work(seat, atMs)
    } else if (kind === 'kill' || (kind === 'end' && !isStopped)) replace(seat, atMs, kind)
    seat.busyUntil = atMs
  }

  function stopMs(): number {
    if (ttl === undefined) return random.below(random.next() < 0.2 ? 8000 : 2000)
    const ttlMs = ttl * 1000
    return random.next() < longStopPart ? ttlMs * 0.8 + random.below(ttlMs * 1.5) : random.below(2000)
  }

  function register(seat: Seat, atMs: number): void {
    if (seat.runs.length >= maxRuns) return
    const id =
      random.next() < sharedPart ? random.pick(sharedIds) : `${seat.name}-${random.pick(['a', 'b', 'c'])}`
    if (seat.runs.some((one) => one.id === id)) return
    seat.registered += 1
    const run = `${processOf(seat)}-${seat.registered}`
    seat.runs.push({ id, run })
    actions.push({ atMs, do: 'register', process: processOf(seat), id, run })
  }

  function deregister(seat: Seat, atMs: number): void {
    if (seat.runs.length === 0) return
    const { run } = random.pick(seat.runs)
    seat.runs = seat.runs.filter((one) => one.run !== run)
    actions.push({ atMs, do: 'deregister', process: processOf(seat), run })
  }

  /** Gives it something to do, so that it is in the middle of that at this time. */
  function work(seat: Seat, atMs: number): void {
    const before = Math.max(seat.startsAt, seat.busyUntil, atMs - 1 - random.below(workMs))
    if (seat.runs.length < maxRuns && random.next() < 0.6) register(seat, before)
    else deregister(seat, before)
  }

  /** Ends the process and starts the next one in its seat, half the time at once. */
  function replace(seat: Seat, atMs: number, how: 'kill' | 'end'): void {
    if (random.next() < atWorkPart) work(seat, atMs)
    actions.push({ atMs, do: how, process: processOf(seat) })
    seat.turn += 1
    seat.startsAt = atMs + (random.next() < 0.5 ? 0 : random.below(3000))
    Object.assign(seat, { continuesAt: 0, registered: 0, runs: [] })
    if (seat.startsAt >= endMs) return
    actions.push({ atMs: seat.startsAt, do: 'start', process: processOf(seat) })
    if (random.next() < 0.8) register(seat, seat.startsAt)
  }

  /** In turn killed and stopped, one at a time, and mostly the one that leads. */
  function planMembers(ttl: number): void {
    const restMs = (ttl + restSeconds) * 1000
    let atMs = firstFaultMs + random.below(1000)
    for (let isStop = random.next() < 0.5; ; isStop = !isStop) {
      const lastsMs = 1500 + random.below(isStop ? ttl * 1500 : 2500)
      if (atMs + lastsMs > endMs) return
      const which = random.next() < 0.7 ? 'leader' : random.below(3)
      actions.push({ atMs, do: isStop ? 'stop member' : 'kill member', which })
      actions.push({ atMs: atMs + lastsMs, do: 'restore member' })
      atMs += lastsMs + restMs + random.below(2000)
    }
  }

  function planOthers(): void {
    const lines: string[] = []
    for (const [position, atMs] of times(random, seconds * naivePerSecond, endMs).entries()) {
      const isLeaving = lines.length > 0 && random.next() < 0.5
      const id = isLeaving ? random.pick(lines) : `naive-${position}`
      if (isLeaving) lines.splice(lines.indexOf(id), 1)
      else lines.push(id)
      actions.push({ atMs, do: isLeaving ? 'remove line' : 'add line', id })
    }
    for (const atMs of times(random, seconds * rmIndexPerSecond, endMs))
      actions.push({ atMs, do: 'rm index' })
    // Past the middle, so that until then nothing excuses a missing entry.
    for (let position = 0; position < Math.max(1, seconds / rmHomeEverySeconds); position += 1)
      actions.push({ atMs: endMs / 2 + random.below(endMs * 0.4), do: 'rm home' })
  }
}

/** The first processes of all seats, which are there before the run begins. */
export function firstProcesses({ processes }: ScheduleOptions): string[] {
  return Array.from({ length: processes }, (_, position) => processOf(createSeat(position)))
}

function createSeat(position: number): Seat {
  const name = `s${String(position).padStart(3, '0')}`
  return { name, turn: 1, startsAt: 0, continuesAt: 0, busyUntil: 0, registered: 0, runs: [] }
}

function processOf({ name, turn }: Seat): string {
  return `${name}.${turn}`
}

function times(random: SeededRandom, count: number, endMs: number): number[] {
  return Array.from({ length: Math.round(count) }, () => random.below(endMs)).sort((a, b) => a - b)
}

function choose(random: SeededRandom): keyof typeof weights {
  const kinds = Object.keys(weights) as (keyof typeof weights)[]
  let left = random.below(kinds.reduce((sum, kind) => sum + weights[kind], 0))
  for (const kind of kinds) {
    left -= weights[kind]
    if (left < 0) return kind
  }
  return 'list'
}
