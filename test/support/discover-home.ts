/** A home directory in which other programs have their records, with servers of the test's own process at the ports that these name. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { type DiscoverOptions, discover } from '../../src/cli/discover/discover.js'
import type { Discovered } from '../../src/cli/discover/discovered.js'
import { programOf } from './discover-records.js'
import type { TestHome } from './processes.js'

export interface DiscoverHome {
  /** The user's home directory. */
  readonly path: string
  /** Writes a file of some program; anything but text is written as JSON. Returns its path. */
  write(file: string, content: unknown): string
  /** The record of a program that has this port, by a process that is this one unless another is named. Returns its path. */
  record(program: string, port: number, pid?: number): string
  /** A server that does nothing about whoever connects. Resolves to its port. */
  listen(host?: string): Promise<number>
  /** A server that answers at these paths, and nowhere else. Resolves to its port. */
  answer(answers: Readonly<Record<string, unknown>>): Promise<number>
  /** A server that says this to whoever connects, and then nothing. Resolves to its port. */
  say(bytes: string): Promise<number>
  /** Looks for what is on record here, and at no port and in no process besides. */
  discover(options?: Partial<DiscoverOptions>): Promise<Discovered[]>
}

export function createDiscoverHome(testHome: TestHome): DiscoverHome {
  const path = dirname(testHome.path)
  const start = async (server: Server, host = '127.0.0.1'): Promise<number> => {
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => sockets.add(socket))
    server.listen(0, host)
    await once(server, 'listening')
    testHome.onCleanUp(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return (server.address() as AddressInfo).port
  }
  const write = (file: string, content: unknown): string => {
    const full = join(path, file)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content))
    return full
  }
  return {
    path,
    write,
    record(name, port, pid = process.pid) {
      const program = programOf(name)
      return write(program.file(port, pid), program.record(port, pid))
    },
    listen: (host) => start(createTcp(), host),
    answer(answers) {
      const server = createHttp(({ url = '' }, response) => {
        response.statusCode = url in answers ? 200 : 404
        response.end(url in answers ? JSON.stringify(answers[url]) : 'not here')
      })
      return start(server)
    },
    say: (bytes) => start(createTcp((socket) => void socket.on('error', () => {}).write(bytes))),
    discover: (options) =>
      discover({
        home: path,
        env: {},
        platform: 'linux',
        temporary: join(path, 'tmp'),
        ports: { inspector: [], chrome: [], storybook: [] },
        commandLines: [],
        timeoutMs: 20_000,
        ...options,
      }),
  }
}

/** A pid that no process has any more. */
export async function pidOfTheDead(): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid ?? -1
}
