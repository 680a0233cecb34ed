/** Commands as people see them, in a pipe and in a terminal, and the files in `test/golden` that say what that is. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { expect } from 'vitest'
import { createStandIns } from '../../scripts/session/stand-ins.js'
import { wsyard } from './command.js'
import { projectRoot, type RunningProcess, startProcess, type TestHome } from './processes.js'

export const goldenDirectory = join(projectRoot, 'test/golden')

/** The files that something has been compared with. */
export const compared: Set<string> = new Set()

/** A terminal that is as wide as many people have it. */
const size = 'cols 100 rows 40'

export interface Shown extends RunningProcess {
  readonly person: Person
  readonly args: readonly string[]
  readonly mode: 'pipe' | 'terminal'
  /** What it has printed on its standard output; in a terminal that is all. */
  out(): string
  /** What it has said on its error output. */
  err(): string
  type(text: string): void
}

/** Somebody's home directory, with a registry in it. */
export interface Person {
  readonly home: TestHome
  readonly directory: string
}

/**
 * Starts the command as that person does, with a pipe, open at first, for its input; or in a terminal of 100 columns. Of the environment of
 * the tests it sees nothing: CI alone takes the colour away.
 */
export function show(person: Person, mode: Shown['mode'], args: readonly string[]): Shown {
  const { home, directory } = person
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter)
  const environment = { SHIPYARD_HOME: home.path, HOME: dirname(home.path), TERM: 'xterm', PATH }
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const call = ['-i', ...variables, process.execPath, wsyard, ...args]
  const inTerminal = ['-qefc', `stty ${size}; exec env ${call.map(quoted).join(' ')}`, '/dev/null']
  const options = { cwd: directory, input: true }
  const running = home.own(
    mode === 'pipe' ? startProcess('env', call, options) : startProcess('script', inTerminal, options),
  )
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    running.child[name]?.on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  return {
    ...running,
    person,
    args,
    mode,
    out: () => texts.stdout,
    err: () => texts.stderr,
    type: (text) => void running.child.stdin?.write(text),
  }
}

/** Ends it as Ctrl+C does. */
export function interrupt(shown: Shown): void {
  if (shown.mode === 'terminal') shown.type('\x03')
  else shown.child.kill('SIGINT')
}

/**
 * Waits for its end, and compares what was seen with `test/golden/<name>.<mode>.txt`; with UPDATE_GOLDEN=1 it writes that file. Returns
 * what it has printed, as it was.
 *
 * @param adjust what becomes of its output before, where that is not the same each time
 */
export async function expectGolden(
  name: string,
  shown: Shown,
  adjust: (out: string) => string = (out) => out,
): Promise<string> {
  const { args, mode, ended } = shown
  if (mode === 'pipe') shown.child.stdin?.end()
  const code = await ended
  const said = shown.err() === '' ? '' : `--- on the error output\n${lines(shown.err())}`
  const seen = `$ ${['wsyard', ...args.map(asTyped)].join(' ')}\n${adjust(lines(shown.out()))}${said}--- exit code ${code}\n`
  const home = dirname(shown.person.home.path)
  const text = readable(createStandIns({ [home]: '/home/me', [version]: '"version":"1.2.3"' })(seen))
  const file = `${name}.${mode}.txt`
  const path = join(goldenDirectory, file)
  compared.add(file)
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text)
  const golden = existsSync(path) ? readFileSync(path, 'utf8') : 'There is no such file yet.'
  expect(text, `${path} is otherwise. If the new text is right: UPDATE_GOLDEN=1`).toBe(golden)
  return shown.out()
}

/** As an MCP server says it. */
const version = `"version":"${JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version}"`

/** With the ends of lines that a file has. */
function lines(text: string): string {
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return whole.replaceAll('\r\n', '\n')
}

function asTyped(argument: string): string {
  return /^[\w./:=-]+$/.test(argument) ? argument : quoted(argument)
}

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`
}

/** With the codes of a terminal as people write them. */
function readable(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\x1b', '\\e')
}
