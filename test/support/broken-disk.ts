/**
 * A server of ours whose entry is lost while the disk refuses to take it back: it must go on serving, say so by a typed
 * warning, try again, and be back in the registry once the disk is well.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { WebSocket } from 'ws'
import { indexIdsOrNone } from './index-file.js'
import { type EchoServer, listening, projectRoot, startProcess, type TestHome } from './processes.js'

export interface Fault {
  begin(server: EchoServer): unknown
  end(server: EchoServer): unknown
}

/** @param wrapper what to put before the command, such as `setpriv`. */
export async function startSteadyServer(
  home: TestHome,
  wrapper: readonly string[] = [],
): Promise<EchoServer> {
  const [command = process.execPath, ...args] = [
    ...wrapper,
    process.execPath,
    join(projectRoot, 'test/support/steady-server.js'),
  ]
  return home.own(await listening(startProcess(command, args, { env: { SHIPYARD_HOME: home.path } })))
}

/** Takes the server's entry away under a fault, and waits until it is back after it. */
export async function expectToOutlive(home: TestHome, server: EchoServer, fault: Fault): Promise<void> {
  const file = join(home.path, 'servers.d', `${server.id}.json`)
  const text = readFileSync(file, 'utf8')
  const ids = indexIdsOrNone(home.indexPath) ?? []
  expect(ids).toContain(server.id)
  process.kill(server.pid, 'SIGSTOP') // or it might put its entry back before the fault is there
  rmSync(file)
  await fault.begin(server)
  process.kill(server.pid, 'SIGCONT')
  const index = readFileSync(home.indexPath, 'utf8')
  await server.printed(/^warning WSYARD_ERR_REGISTRY_UNWRITABLE: .*\.shipyard.*/m)
  expect(await echoOf(server, 'still here')).toBe('Echo: still here')
  expect(existsSync(file)).toBe(false)
  expect(readFileSync(home.indexPath, 'utf8')).toBe(index)
  await fault.end(server)
  const isBack = (): void => {
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(indexIdsOrNone(home.indexPath)).toEqual(ids)
  }
  await vi.waitFor(isBack, { timeout: 10_000 }) // what the list gives it; it looks every 4 to 6 s
  expect(await echoOf(server, 'and well')).toBe('Echo: and well')
}

async function echoOf(server: EchoServer, message: string): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
  await once(socket, 'open')
  socket.send(message)
  const [data] = await once(socket, 'message')
  socket.close()
  return String(data)
}

/** A file system of four pages in the place of a registry; a file takes one. */
export interface SmallDisk {
  /** Fills it, but for so many pages. */
  fill(freePages?: number): void
  free(): void
  remount(option: 'ro' | 'rw'): void
}

/** Mounts it. Only root can. It is gone with the home. */
export function mountSmallDisk(home: TestHome): SmallDisk {
  const filler = join(home.path, 'filler')
  mkdirSync(home.path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k,mode=0700', 'tmpfs', home.path])
  home.onCleanUp(() => execFileSync('umount', ['--lazy', home.path]))
  return {
    fill(freePages = 0) {
      const descriptor = openSync(filler, 'w')
      let pages = 0
      try {
        for (; ; pages += 1) writeSync(descriptor, Buffer.alloc(4096))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(descriptor)
      }
      truncateSync(filler, (pages - freePages) * 4096)
    },
    free: () => rmSync(filler, { force: true }),
    remount: (option) => void execFileSync('mount', ['-o', `remount,${option}`, home.path]),
  }
}
