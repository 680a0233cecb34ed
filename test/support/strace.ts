/**
 * Records the system calls that a process makes on a registry, and makes chosen ones fail, stop or kill it, by
 * attaching `strace` to it. Counts begin at the attachment, so that the start of the program cannot shift them.
 */
import { type RunningProcess, startProcess } from './processes.js'
import { needTool, type Skippable, skip } from './tools.js'

export interface SystemCall {
  readonly name: string
  /** How many calls of this name there have been since the attachment, this one included. */
  readonly nth: number
  /** The call without what differs from run to run: `rename ~/servers.d/.x.json.*.tmp ~/servers.d/x.json`. */
  readonly label: string
}

export interface Tracer extends RunningProcess {
  /** The calls on anything under the home so far, and the one by which the program says that a step is done. */
  calls(): SystemCall[]
  /** Lets the process go on without it. */
  detach(): Promise<unknown>
}

export interface TraceOptions {
  /** As strace has it: `rename:signal=KILL:when=2`. */
  inject?: readonly string[]
  /** Traces every thread, each line with its id before it; else the main thread alone. */
  threads?: boolean
}

/** Resolves once the tracer has the process. */
export async function attach(pid: number, home: string, options: TraceOptions = {}): Promise<Tracer> {
  const { inject = [], threads = false } = options
  const running = startProcess('strace', [
    // -y: with the path of every descriptor. No contents, in which the home could be mentioned.
    ...['-y', '-s', '0', '-e', 'trace=%file,%desc'],
    ...inject.flatMap((what) => ['-e', `inject=${what}`]),
    ...(threads ? ['-f'] : []),
    ...['-p', String(pid)],
  ])
  await running.printed(/^strace: Process \d+ attached/m)
  return {
    ...running,
    calls: () => parseTrace(running.output(), home),
    detach: () => running.stop('SIGTERM'),
  }
}

/** The same for a process that waits for its next step: resolves once that waiting is seen, so that counts are exact. */
export async function attachWaiting(pid: number, home: string, options: TraceOptions = {}): Promise<Tracer> {
  const tracer = await attach(pid, home, options)
  await tracer.printed(/\bread\(0</)
  return tracer
}

function parseTrace(text: string, home: string): SystemCall[] {
  const counts = new Map<string, number>()
  const calls: SystemCall[] = []
  for (const [line, name = ''] of text.matchAll(/^(?:\[pid +\d+\] )?(\w+)\(.*$/gm)) {
    const nth = (counts.get(name) ?? 0) + 1
    counts.set(name, nth)
    if (line.includes(home)) calls.push({ name, nth, label: labelOf(name, line, home) })
    else if (line.includes('writev(1<')) calls.push({ name, nth, label: 'the end of the step' })
  }
  return calls
}

function labelOf(name: string, line: string, home: string): string {
  const paths = line.split(/["<>]/).filter((part) => part.startsWith(home))
  const plain = paths.map((path) =>
    path
      .replace(home, '~')
      .replace(/\.[0-9a-f]{12}\.tmp$/, '.*.tmp')
      .replace(/\.\d+\.claim$/, '.<inode>.claim'),
  )
  return [name, ...new Set(plain)].join(' ') // an opened file has its path twice
}

/** Skips the test unless there is a strace that may attach to a running process; some containers forbid it. */
export async function needStrace(context: Skippable): Promise<void> {
  needTool(context, 'strace', 'strace')
  const sleeper = startProcess('sleep', ['60'])
  const refusal = await attach(sleeper.pid, '/').then(
    async (tracer) => void (await tracer.detach()),
    (error: Error) => error.message,
  )
  await sleeper.stop('SIGKILL')
  if (refusal !== undefined) skip(context, `strace may not attach to a process here (${refusal})`)
}

export function labelsOf(calls: readonly SystemCall[]): string[] {
  return calls.map(({ label }) => label)
}
