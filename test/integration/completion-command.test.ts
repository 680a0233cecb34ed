/** `wsyard completion`, in the shells that it is for. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand, wsyard } from '../support/command.js'
import { createTestHome, startEchoServer, startProcess } from '../support/processes.js'
import { hasTerminal } from '../support/terminal.js'
import { needTool } from '../support/tools.js'

const home = createTestHome()
const bin = join(home.path, '..', 'bin')
const env = {
  ...process.env,
  SHIPYARD_HOME: home.path,
  HOME: dirname(home.path),
  PATH: `${bin}${delimiter}${process.env.PATH}`,
}
let id: string

beforeAll(async () => {
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'wsyard'), `#!/bin/sh\nexec '${process.execPath}' '${wsyard}' "$@"\n`)
  chmodSync(join(bin, 'wsyard'), 0o755)
  id = home.own(await startEchoServer(home.path, ['--name', 'worker-a'])).id
})
afterAll(() => home[Symbol.asyncDispose]())

/** What each shell offers for a line that is begun. */
const shells: Record<string, (line: string) => string[]> = {
  bash(line) {
    const program = `source <(wsyard completion bash)
COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _wsyard; printf '%s\\n' "\${COMPREPLY[@]}"`
    return linesOf('bash', ['-c', program])
  },
  fish(line) {
    return linesOf('fish', ['-c', `wsyard completion fish | source; complete -C '${line}'`])
  },
  zsh(line) {
    // What it would describe, without a terminal to describe it on.
    const program = `compdef() {}
_describe() { print -l -- "\${(@P)2}" }
source <(wsyard completion zsh)
words=(${line.replace(/ $/, " ''")}); CURRENT=\${#words}; PREFIX=\${words[-1]}; _wsyard`
    return linesOf('zsh', ['-f', '-c', program])
  },
}

function linesOf(shell: string, args: readonly string[]): string[] {
  const lines = execFileSync(shell, args, { env, encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => line.split(/[\t:]/)[0] ?? '')
}

describe.each(Object.entries(shells))('in %s', (shell, complete) => {
  it('completes commands, options, their values and servers', (context) => {
    needTool(context, shell, shell)
    expect(complete('wsyard co')).toEqual(expect.arrayContaining(['connect', 'completion']))
    expect(complete('wsyard ls --')).toEqual(expect.arrayContaining(['--all', '--json']))
    expect(complete('wsyard list --')).toEqual(expect.arrayContaining(['--all', '--json']))
    expect(complete('wsyard hub --')).not.toContain('--dangerously-open-to-the-network')
    expect(complete('wsyard hub --auth ')).toEqual(expect.arrayContaining(['token', 'origin']))
    expect(complete('wsyard connect ')).toEqual(expect.arrayContaining(['worker-a', id]))
  })
})

it.runIf(hasTerminal)('completes in a zsh of its own what wsyard run is to run', async (context) => {
  needTool(context, 'zsh', 'zsh')
  writeFileSync(join(bin, 'program-to-run'), '')
  chmodSync(join(bin, 'program-to-run'), 0o755)
  const running = startProcess('script', ['-qefc', 'exec zsh -f -i', '/dev/null'], { env, input: true })
  const zsh = home.own(running)
  const type = (text: string) => zsh.child.stdin?.write(text)
  type('autoload -Uz compinit; compinit -u -D; source <(wsyard completion zsh); print read""y\n')
  await zsh.printed(/ready/)
  type('wsyard run -- program-t\t')
  const [added] = await zsh.printed(/o-run|maximum nested function level/)
  expect(added).toBe('o-run')
})

it('refuses a shell that it does not know', async () => {
  const { code, err } = await runCommand(home, ['completion', 'csh'])
  expect(code).toBe(2)
  expect(err).toMatch(/Allowed choices are bash, zsh, fish/)
})
