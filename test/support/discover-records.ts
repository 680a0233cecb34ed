/** The record that each program keeps of itself, as it writes it, and what is to be found by it. */
import type { Discovered } from '../../src/cli/discover/discovered.js'

/** Every record has it wherever its program keeps a secret, and in addresses besides; what is found never does. */
export const secret = '5ec2e7-0f-everyb0dy'

export interface Program {
  /** The record's place in the user's home; one beginning with `tmp/` is in what stands for the system's. */
  file(port: number, pid: number): string
  record(port: number, pid: number): object
  found(port: number, pid: number): Discovered
}

const startedAt = '2026-01-03T17:42:03.000Z'
const address = (port: number): string => `http://me:${secret}@localhost:${port}`
const search = `?token=${secret}#${secret}`

const jupyter: Program = {
  file: (_port, pid) => `.local/share/jupyter/runtime/jpserver-${pid}.json`,
  record: (port, pid) => ({
    base_url: '/lab/',
    hostname: 'localhost',
    password: false,
    pid,
    port,
    root_dir: '/srv/notes',
    secure: false,
    sock: '',
    token: secret,
    url: `${address(port)}/lab/${search}`,
    version: '2.21.1',
  }),
  found: (port, pid) => ({
    source: 'jupyter',
    name: 'Jupyter Server 2.21.1',
    port,
    pid,
    host: 'localhost',
    url: `http://localhost:${port}/lab/`,
    where: '/srv/notes',
  }),
}

const storybook: Program = {
  file: (port) => `.storybook/instances/7a1c1c1e-9f5e-4a53-a1ad-${port}.json`,
  record: (port, pid) => ({
    schemaVersion: 1,
    instanceId: `7a1c1c1e-9f5e-4a53-a1ad-${port}`,
    pid,
    cwd: '/srv/site',
    configDir: '/srv/site/.storybook',
    url: `${address(port)}${search}`,
    port,
    token: secret,
    storybookVersion: '10.6.7',
    startedAt,
    updatedAt: startedAt,
    mcp: { status: 'ready', endpoint: `/mcp${search}` },
  }),
  found: (port, pid) => ({
    source: 'storybook',
    name: 'Storybook 10.6.7',
    port,
    pid,
    host: 'localhost',
    url: `http://localhost:${port}/`,
    where: '/srv/site',
    startedAt,
  }),
}

const devframe: Program = {
  file: (port, pid) => `.devframe/instances/${pid}-${port}.json`,
  record: (port, pid) => ({
    pid,
    port,
    origin: address(port),
    basePath: `/__inspect/${search}`,
    id: 'inspect',
    name: 'Inspector',
    rootDir: '/srv/site',
    mcp: { path: `/__mcp${search}` },
    startedAt: Date.parse(startedAt),
  }),
  found: (port, pid) => ({
    source: 'devframe',
    name: 'Inspector',
    port,
    pid,
    host: 'localhost',
    url: `http://localhost:${port}/__inspect/`,
    where: '/srv/site',
    startedAt,
  }),
}

const claudeCode: Program = {
  file: (port) => `.claude/ide/${port}.lock`,
  record: (_port, pid) => ({
    pid,
    workspaceFolders: ['/srv/site', '/srv/notes'],
    ideName: 'VS Code',
    transport: 'ws',
    authToken: secret,
  }),
  found: (port, pid) => ({
    source: 'editor',
    name: 'VS Code',
    port,
    pid,
    url: `ws://127.0.0.1:${port}/`,
    where: '/srv/site',
  }),
}

const qwenCode: Program = {
  file: (port) => `.qwen/ide/${port}.lock`,
  record: (port, pid) => ({
    port,
    workspacePath: '/srv/site:/srv/notes',
    ppid: pid,
    authToken: secret,
    ideName: 'VS Code',
  }),
  found: (port, pid) => ({ source: 'editor', name: 'VS Code', port, pid, where: '/srv/site' }),
}

const geminiCli: Program = {
  file: (port, pid) => `tmp/gemini/ide/gemini-ide-server-${pid}-${port}.json`,
  record: (port) => ({
    port,
    workspacePath: '/srv/site:/srv/notes',
    authToken: secret,
    ideInfo: { name: 'jetbrains', displayName: 'JetBrains IDE' },
  }),
  found: (port, pid) => ({ source: 'editor', name: 'JetBrains IDE', port, pid, where: '/srv/site' }),
}

/** In the order of what is found by them. */
export const programs: Readonly<Record<string, Program>> = {
  Jupyter: jupyter,
  Storybook: storybook,
  devframe,
  'Claude Code': claudeCode,
  'Qwen Code': qwenCode,
  'Gemini CLI': geminiCli,
}

/** @throws when there is no such program. */
export function programOf(name: string): Program {
  const program = programs[name]
  if (program === undefined) throw new Error(`there is no program ${name}`)
  return program
}
