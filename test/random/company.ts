/**
 * The processes of a random run: started, told what to do, stopped, ended, and seen to have ended. Which of them does
 * what and when is the schedule's.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Exit } from '../support/history.js'
import type { Timed } from '../support/linearize.js'
import { projectRoot } from '../support/processes.js'
import { type Command, type Remark, readWorkerRecord, type WorkerRecord } from './records.js'

export interface Company {
  /** Starts a process beside the servers. Resolves when it is ready, and has said so. */
  startOther(script: string, options?: OtherOptions): Promise<ChildProcess>
  /** Starts a server process, and resolves when it is ready. It may be told things before. */
  startWorker(name: string): Promise<unknown>
  tell(name: string, command: Command): void
  signal(name: string, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void
  /** Lets all run on, and resolves when every worker has done all it was told; after `ms` with that as an accident. */
  finish(round: string, ms: number): Promise<void>
  /** Names of the workers that nobody has ended. */
  alive(): string[]
  /** Ends so far; `Infinity` for those that have not been seen to have ended. */
  exits(): Exit[]
  /** When workers have been stopped, until they were let run on; `Infinity` for those that have not been. */
  stops(): Stop[]
  /** What became of workers that ended though nobody ended them. */
  readonly accidents: readonly string[]
  /** What the others have said. */
  readonly remarks: readonly Remark[]
  /** The same of one of them. */
  saidBy(name: string): readonly Remark[]
  /** Texts of the workers' records. */
  records(): Map<string, string>
  /** Ends all that are left. Those that were stopped as well. */
  end(): Promise<void>
}

export interface OtherOptions {
  /** What it is called. @default its script */
  readonly name?: string
  /** The command that starts it in surroundings of its own. @default none */
  readonly within?: readonly string[]
}

/** A time in which a process stood still. */
export interface Stop extends Timed {
  readonly process: string
}

export interface CompanyOptions {
  readonly home: string
  /** Where records go. */
  readonly directory: string
  /** The URL of the registry that all of them use. @default the one in `home` */
  readonly registry?: string
  /** Of the workers' registries. @default none */
  readonly defect?: string | undefined
  /** Of the workers, as of `nice`. @default 0 */
  readonly niceness?: number
  /** A module that a program loads first, which plants a defect in it; by its script. */
  readonly planted?: Readonly<Record<string, string>>
}

const programs = join(projectRoot, 'test/random')

const now = (): number => Number(process.hrtime.bigint())

export function createCompany({
  home,
  directory,
  registry,
  defect,
  niceness = 0,
  planted = {},
}: CompanyOptions): Company {
  const workers = new Map<string, ChildProcess>()
  const others: ChildProcess[] = []
  const exits = new Map<string, Exit>()
  const finished = new Map<string, string>()
  const accidents: string[] = []
  const remarks: Remark[] = []
  const said = new Map<string, Remark[]>()
  const stops: Stop[] = []
  const onFinished = new Set<() => void>()
  mkdirSync(directory, { recursive: true })

  const start = (
    script: string,
    name: string,
    args: readonly string[],
    within: readonly string[] = [],
  ): ChildProcess => {
    const log = openSync(join(directory, `${name}.log`), 'a')
    const first = planted[script]
    const imports = first === undefined ? [] : ['--import', pathToFileURL(join(programs, first)).href]
    const [command = '', ...rest] = [...within, process.execPath, ...imports, join(programs, script), ...args]
    const child = spawn(command, rest, {
      env: {
        ...process.env,
        SHIPYARD_HOME: home,
        ...(registry !== undefined && { WSYARD_REGISTRY: registry }),
      },
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    child.on('error', () => {}) // what it was told as it ended
    return child
  }

  const isReady = async (child: ChildProcess, what: string): Promise<void> => {
    const ended = once(child, 'exit').then(() =>
      Promise.reject(new Error(`${what} ended before it was ready`)),
    )
    await Promise.race([once(child, 'message'), ended])
  }

  const onExit = (name: string, how: number | string): void => {
    const bound = exits.get(name)
    if (bound !== undefined) exits.set(name, { ...bound, returned: now() })
    else if (!isOver)
      accidents.push(`${name} ended by itself (${how}): ${log(name).trim().split('\n').at(-1)}`)
    for (const look of [...onFinished]) look()
  }

  const log = (name: string): string => readFileSync(join(directory, `${name}.log`), 'utf8')
  const alive = (): string[] =>
    [...workers].flatMap(([name, { exitCode, signalCode }]) =>
      exits.has(name) || exitCode !== null || signalCode !== null ? [] : [name],
    )
  const send = (child: ChildProcess | undefined, message: object): void => {
    if (child?.connected === true) child.send(message, () => {}) // an error: it has ended, as planned
  }
  const continueAll = (names: readonly string[]): void => {
    for (const name of names) workers.get(name)?.kill('SIGCONT')
    for (const [position, stop] of stops.entries())
      if (stop.returned === Infinity && names.includes(stop.process))
        stops[position] = { ...stop, returned: now() }
  }
  let isOver = false

  return {
    accidents,
    remarks,
    alive,
    exits: () => [...exits.values()],
    stops: () => [...stops],
    saidBy: (name) => said.get(name) ?? [],
    async startOther(script, { name = script, within = [] } = {}) {
      const child = start(script, name, [], within)
      const own: Remark[] = []
      said.set(name, own)
      others.push(child)
      child.on('message', (message) => {
        if (typeof message !== 'object' || 'ready' in message) return
        own.push(message as Remark)
        remarks.push(message as Remark)
      })
      child.on('exit', (code, signal) => {
        if (!isOver) accidents.push(`${name} ended by itself (${code ?? signal}): ${log(name)}`)
      })
      await isReady(child, name)
      return child
    },
    async startWorker(name) {
      const file = join(directory, `${name}.jsonl`)
      const child = start('worker.js', name, [name, file, ...(defect === undefined ? [] : [defect])])
      workers.set(name, child)
      if (child.pid !== undefined && niceness !== 0) setPriority(child.pid, niceness)
      child.on('exit', (code, signal) => onExit(name, code ?? signal ?? 'for no reason'))
      child.on('message', (message) => {
        if (typeof message !== 'object' || !('finished' in message)) return
        finished.set(name, String(message.finished))
        for (const look of [...onFinished]) look()
      })
      await isReady(child, name).catch(() => {}) // it may be killed before
    },
    tell: (name, command) => send(workers.get(name), command),
    signal(name, signal) {
      if (!alive().includes(name)) return
      const isEnd = signal === 'SIGKILL' || signal === 'SIGTERM'
      if (isEnd) exits.set(name, { kind: 'exit', process: name, invoked: now(), returned: Infinity })
      if (signal === 'SIGSTOP') stops.push({ process: name, invoked: now(), returned: Infinity })
      if (signal === 'SIGCONT') continueAll([name])
      else workers.get(name)?.kill(signal)
    },
    async finish(round, ms) {
      continueAll(alive())
      for (const name of alive()) send(workers.get(name), { do: 'finish', round } satisfies Command)
      const busy = (): string[] => [
        ...alive().filter((name) => finished.get(name) !== round),
        ...[...exits.values()].flatMap(({ process, returned }) => (returned === Infinity ? [process] : [])),
      ]
      await new Promise<void>((resolve) => {
        const over = setTimeout(() => {
          onFinished.delete(look)
          accidents.push(`still busy ${ms} ms after all ${round} had begun: ${busy().join(', ')}`)
          resolve()
        }, ms)
        const look = (): void => {
          if (busy().length > 0) return
          onFinished.delete(look)
          clearTimeout(over)
          resolve()
        }
        onFinished.add(look)
        look()
      })
    },
    records() {
      const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'))
      return new Map(
        names.map((name) => [name.slice(0, -'.jsonl'.length), readFileSync(join(directory, name), 'utf8')]),
      )
    },
    async end() {
      isOver = true
      const left = [...workers.values(), ...others].filter(
        ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
      )
      await Promise.all(
        left.map((child) => {
          const ended = once(child, 'exit')
          child.kill('SIGKILL')
          return ended
        }),
      )
    },
  }
}

/** What the judges of every run are given of it. */
export function gathered(company: Company): {
  readonly records: readonly WorkerRecord[]
  readonly exits: readonly Exit[]
  readonly alive: ReadonlySet<string>
} {
  const records = Array.from(company.records(), ([name, text]) => readWorkerRecord(name, text))
  return { records, exits: company.exits(), alive: new Set(company.alive()) }
}
