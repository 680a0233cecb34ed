import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addToHistory, readHistory } from './history.js'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wsyard-history-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const path = (): string => join(home, 'connect-history')

it('calls back nothing that a terminal would obey, or that nobody typed, and forgets it with the next line', () => {
  writeFileSync(path(), `one\n\x1b]0;mine\x07\n  \n${'x'.repeat(2001)}\ntwo\u202e\nand\ttwo\n`)
  expect(readHistory(home)).toEqual(['one', 'and\ttwo'])
  addToHistory(home, ['three', '\x1b[A'])
  expect(readFileSync(path(), 'utf8')).toBe('one\nand\ttwo\nthree\n')
})

it('reads the end of a file that is too large for a history', () => {
  writeFileSync(path(), `first\n${'\0'.repeat(5 * 1024 * 1024)}\nlast\n`)
  expect(readHistory(home)).toEqual(['last'])
})

it('has nothing where there is no file', () => {
  expect(readHistory(home)).toEqual([])
})
