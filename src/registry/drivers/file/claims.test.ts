/** The right to replace a file, and who keeps it from whom. */
import { linkSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fileInode } from './safe-read.js'
import { replaceFileIf } from './safe-write.js'

let home: string
let index: string
let temporary: string
let claim: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wsyard-test-'))
  index = join(home, 'servers.json')
  temporary = join(home, '.servers.json.0123456789ab.tmp')
  writeFileSync(index, 'old')
  claim = join(home, `.servers.json.${statSync(index).ino}.claim`)
  writeFileSync(temporary, 'of another')
  linkSync(temporary, claim)
})
afterEach(() => rmSync(home, { recursive: true }))

it('a writer that has claimed a file and not renamed its own yet keeps others from replacing it', () => {
  expect(replaceFileIf(index, fileInode(index), () => ['new'])).toBe('held')
  expect(readFileSync(index, 'utf8')).toBe('old')
})

it('a claim left by a killed writer after its rename holds nobody up, though its inode is in use again', () => {
  renameSync(temporary, join(home, 'replaced-since'))
  rmSync(join(home, 'replaced-since'))
  expect(replaceFileIf(index, fileInode(index), () => ['new'])).toBe('alone')
  expect(readFileSync(index, 'utf8')).toBe('new')
})
