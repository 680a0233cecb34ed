/** Which field of an entry goes where: the code's table and the protocol's are one, and what is in neither stays in. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { entryToFile, entryToLine, fieldsIn, type ManagedEntry, Token, toServer } from '../src/core/index.js'
import { projectRoot } from './support/processes.js'

const places = ['file', 'index', 'snapshot'] as const

/** The rows of the table under "Entries": the name of a field, and where it says that it is shown. */
const rows = [
  ...readFileSync(join(projectRoot, 'PROTOCOL.md'), 'utf8').matchAll(
    /^\| `(\w+)` +\|.*\| (yes|no) +\| (yes|no) +\| (yes|no) +\|$/gm,
  ),
]

it.each(places.map((place, column) => [place, column] as const))(
  'what the protocol shows in the %s is what is shown there, in that order',
  (place, column) => {
    expect(rows.length).toBeGreaterThan(10)
    const shown = rows.filter((row) => row[column + 2] === 'yes').map(([, field]) => field)
    expect(fieldsIn(place)).toEqual(shown)
  },
)

it('a field that nobody has listed is shown nowhere', () => {
  const entry: ManagedEntry & { secret: string } = {
    id: 'worker',
    port: 1,
    pid: 1,
    startedAt: '2026-11-24T10:00:00Z',
    instance: '0'.repeat(32),
    machine: 'here',
    processStart: '1:2',
    token: new Token('hush'),
    state: 'up',
    secret: 'hush',
  }
  expect(entryToFile(entry)).not.toHaveProperty('secret')
  expect(entryToFile(entry)).toHaveProperty('token', 'hush')
  for (const shown of [entryToLine(entry), toServer(entry)]) {
    expect(JSON.stringify(shown)).not.toMatch(/hush|secret|token|here|1:2/)
    expect(Object.keys(shown)).not.toContain('token')
  }
})
