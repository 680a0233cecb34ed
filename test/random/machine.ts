/**
 * What a random run needs of the machine that it runs on: memory and processors for its processes, and a place for what they leave.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../support/processes.js'

/** How many processes start at a time. */
export const startsAtOnce = 8

const processMegabytes = 60

/** @throws when there is too little of it for so many processes. */
export function needMemory(processes: number): void {
  const needed = processes * processMegabytes
  const free = Math.round(freemem() / 2 ** 20)
  if (needed > free)
    throw new Error(`${processes} processes need some ${needed} MB, and ${free} are free. Give fewer.`)
}

/**
 * Copies all that there is of a bad run to where it stays.
 *
 * @param name of the directory there.
 * @param notes lists that are written there as well, by their names.
 */
export function keepRecords(
  name: string,
  from: string,
  notes: Readonly<Record<string, readonly object[]>>,
): string {
  const to = join(projectRoot, 'test-results', name)
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  cpSync(from, to, { recursive: true })
  for (const [what, list] of Object.entries(notes))
    writeFileSync(join(to, `${what}.jsonl`), list.map((one) => `${JSON.stringify(one)}\n`).join(''))
  return to
}
