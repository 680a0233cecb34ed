/** `wsyard doctor --json` as a test runs it, and what it says: in this process, and in the long form in one of its own. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, vi } from 'vitest'
import { doctorCommand } from '../../src/cli/doctor/doctor-command.js'
import { type Ended, runCommand } from './command.js'
import { startHub } from './hub.js'
import { isLong } from './length.js'
import { createTestHome, projectRoot, type TestHome } from './processes.js'

const schema = JSON.parse(readFileSync(join(projectRoot, 'schema/cli/doctor.schema.json'), 'utf8'))
const validate = new Ajv2020().compile(schema)

export interface Finding {
  readonly check: string
  readonly level: 'problem' | 'note'
  readonly what: string
  readonly cure: string
  readonly where?: string
  readonly repairable: boolean
}

export interface Diagnosis {
  readonly code: number | string
  readonly problems: readonly Finding[]
  readonly notes: readonly Finding[]
  readonly repairs: readonly { check: string; what: string; did?: string; failure?: string }[]
  /** What became of each check. */
  readonly results: Readonly<Record<string, string>>
}

export interface Doctor {
  /** A hub of another registry that lets everybody in and looks after nothing here. */
  readonly hub: string
  run(args?: readonly string[], env?: Record<string, string>): Promise<Diagnosis>
  /** Runs it with --repair, and once more without: that finds no problem of the check any more. */
  repair(check: string): Promise<Diagnosis>
}

export async function startDoctor(home: TestHome): Promise<Doctor> {
  const hubHome = createTestHome()
  home.onCleanUp(() => hubHome[Symbol.asyncDispose]())
  const { url } = await startHub(hubHome)
  const hub = new URL(url).origin
  const run: Doctor['run'] = async (args = [], env = {}) => {
    const hubArgs = args.includes('--hub') ? [] : ['--hub', hub]
    const all = { SHIPYARD_HOME: home.path, HOME: dirname(hubHome.path), NO_COLOR: '1', ...env }
    const given = ['--json', ...hubArgs, ...args]
    const { code, out, err } = isLong
      ? await runCommand(home, ['doctor', ...given], { env: all })
      : await runHere(given, all)
    expect(err).toBe('')
    const report = JSON.parse(out)
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
    const findings: Finding[] = report.findings
    const problems = findings.filter(({ level }) => level === 'problem')
    expect(code).toBe(problems.length > 0 ? 1 : 0)
    return {
      code,
      problems,
      notes: findings.filter(({ level }) => level === 'note'),
      repairs: report.repairs ?? [],
      results: Object.fromEntries(
        report.checks.map((one: { name: string; result: string }) => [one.name, one.result]),
      ),
    }
  }
  return {
    hub,
    run,
    async repair(check) {
      const repaired = await run(['--repair'])
      expect(repaired.problems).toEqual([])
      expect(repaired.repairs.map((one) => one.failure)).toEqual(repaired.repairs.map(() => undefined))
      expect((await run()).results[check]).toBe('well')
      return repaired
    },
  }
}

/** Runs the same command here, for which no process need be started. */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Ended> {
  let [out, err, code] = ['', '', 0]
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
  const writeErr = (text: string): void => {
    err += text
  }
  const context = {
    version: '0.0.0',
    onWarning: ({ message }: Error) => writeErr(message),
    exitWith(next: number) {
      code = next
    },
  }
  try {
    const command = doctorCommand(context).exitOverride().configureOutput({ writeErr })
    await command.parseAsync(args, { from: 'user' })
    return { code, out, err }
  } finally {
    stdout.mockRestore()
    vi.unstubAllEnvs()
  }
}

/** Everything in a directory with its mode, size and time: the same as long as nothing in it has been changed. */
export function stateOf(directory: string): string[] {
  const names = ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]
  return names.sort().map((name) => {
    const { mode, uid, size, mtimeMs, ino } = lstatSync(join(directory, name))
    return [name, mode.toString(8), uid, size, mtimeMs, ino].join(' ')
  })
}

/** A plain HTTP server of this process, which the registry may hold for a WebSocket server. */
export async function listenAt(
  home: TestHome,
  host: string,
): Promise<{ http: Server; port: number; close(): Promise<void> }> {
  const http = createServer((_, response) => response.end('plain'))
  await new Promise<void>((resolve) => http.listen(0, host, resolve))
  const close = (): Promise<void> => {
    http.closeAllConnections()
    return new Promise((resolve) => http.close(() => resolve()))
  }
  home.onCleanUp(close)
  return { http, port: (http.address() as AddressInfo).port, close }
}
