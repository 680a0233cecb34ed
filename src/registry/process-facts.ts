/**
 * What this platform can tell of processes: which machine and pid namespace this is, whether a pid runs, and since
 * when. Linux answers all of it from `/proc`; elsewhere only a signal can be asked.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ProcessFacts } from '../core/index.js'

let machine: string | undefined

/** Names the host and the pid namespace in which this process lives; the same across reboots. */
export function thisMachine(): string {
  machine ??= createHash('sha256').update(`${hostId()}\n${pidNamespace()}`).digest('hex').slice(0, 32)
  return machine
}

/** Whether a process has this pid now: one signal 0. EPERM means that it lives and is another user's. */
export function isPidTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** All that can be known of a pid. Costs a read of `/proc` on Linux; `isPidTaken` is the cheap question. */
export function processFacts(pid: number): ProcessFacts {
  if (!isPidTaken(pid)) return { running: false }
  const stat = procStat(pid)
  if (stat === undefined) return { running: true }
  return { running: stat.state !== 'Z' && stat.state !== 'X', processStart: stat.start }
}

interface ProcStat {
  readonly state: string
  readonly start: string
}

/** Fields 3 and 22 of `/proc/<pid>/stat` (proc(5)), counted from behind the command, which may hold anything. */
function procStat(pid: number): ProcStat | undefined {
  const text = tryRead(`/proc/${pid}/stat`)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  const state = fields?.[0]
  const ticks = fields?.[19]
  if (state === undefined || ticks === undefined) return undefined
  return { state, start: `${bootId()}:${ticks}` }
}

let boot: string | undefined

/** Ticks since boot mean nothing after the next one, so the boot is part of a process's start. */
function bootId(): string {
  boot ??= tryRead('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown'
  return boot
}

function hostId(): string {
  return tryRead('/etc/machine-id')?.trim() || hostname()
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return process.platform
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
