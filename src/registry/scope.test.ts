import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { projectOf, scopeOf, scopeOfProcess } from './scope.js'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'wsyard-scope-')))
afterAll(() => rmSync(base, { recursive: true }))

/** A directory with a repository in it, as git leaves one. */
function repository(name: string, head: string): string {
  const root = join(base, name)
  mkdirSync(join(root, '.git'), { recursive: true })
  writeFileSync(join(root, '.git/HEAD'), head)
  return root
}

describe('a directory', () => {
  it('belongs to the worktree above it, and to the branch there', () => {
    const worktree = repository('main', 'ref: refs/heads/feature/x\n')
    const directory = join(worktree, 'src/deep')
    mkdirSync(directory, { recursive: true })
    expect(scopeOf(directory)).toEqual({ directory, worktree, branch: 'feature/x' })
    expect(scopeOf(worktree)).toEqual({ directory: worktree, worktree, branch: 'feature/x' })
    expect(projectOf(directory)).toBe(worktree)
  })

  it('belongs to a worktree beside the first', () => {
    const main = repository('first', 'ref: refs/heads/main\n')
    const own = join(main, '.git/worktrees/second')
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, 'HEAD'), 'ref: refs/heads/second\n')
    const worktree = join(base, 'second')
    mkdirSync(worktree)
    writeFileSync(join(worktree, '.git'), `gitdir: ${own}\n`)
    expect(scopeOf(worktree)).toEqual({ directory: worktree, worktree, branch: 'second' })
    writeFileSync(join(worktree, '.git'), 'gitdir: ../first/.git/worktrees/second\n')
    expect(scopeOf(worktree)?.branch).toBe('second')
  })

  it('has no branch where none is checked out', () => {
    const worktree = repository('detached', `${'0123456789'.repeat(4)}\n`)
    expect(scopeOf(worktree)).toEqual({ directory: worktree, worktree })
  })

  it('belongs to itself where there is no git, or only something of that name', () => {
    const directory = join(base, 'plain')
    mkdirSync(directory)
    for (const text of ['', 'gitdir: /nowhere\n', '\0'.repeat(10_000)]) {
      writeFileSync(join(directory, '.git'), text)
      expect(scopeOf(directory)).toEqual({ directory })
    }
    expect(projectOf(directory)).toBe(directory)
  })

  it.runIf(process.platform === 'linux')('waits for no FIFO that somebody has put there', () => {
    const directory = join(base, 'fifo')
    mkdirSync(join(directory, 'git'), { recursive: true })
    execFileSync('mkfifo', [join(directory, '.git'), join(directory, 'git/HEAD')])
    expect(scopeOf(directory)).toEqual({ directory })
    rmSync(join(directory, '.git'))
    writeFileSync(join(directory, '.git'), 'gitdir: git\n')
    expect(scopeOf(directory)).toEqual({ directory })
  })

  it('has no branch where git keeps it elsewhere', () => {
    const worktree = repository('reftable', 'ref: refs/heads/.invalid\n')
    expect(scopeOf(worktree)).toEqual({ directory: worktree, worktree })
  })

  it('is left out where an entry has no room for it', () => {
    expect(scopeOf(`/${'\u6c34'.repeat(600)}`)).toBeDefined()
    expect(scopeOf(`/${'\u6c34'.repeat(700)}`)).toBeUndefined()
    expect(scopeOf(`/${'a'.repeat(1100)}`)).toBeUndefined()
  })

  it('is found behind a link, and need not be there', () => {
    const worktree = repository('real', 'ref: refs/heads/main\n')
    symlinkSync(worktree, join(base, 'link'))
    expect(projectOf(join(base, 'link'))).toBe(worktree)
    expect(projectOf(join(base, 'missing'))).toBe(join(base, 'missing'))
  })

  it('is nowhere when its name is relative, or longer than an entry may hold', () => {
    expect(scopeOf('src')).toBeUndefined()
    expect(scopeOf(`/${'a'.repeat(1024)}`)).toBeUndefined()
  })
})

describe('a process', () => {
  it('belongs to its working directory', () => {
    expect(scopeOfProcess(process.pid)?.directory).toBe(process.cwd())
  })
  it.runIf(process.platform === 'linux')('is asked for it by its pid', () => {
    expect(scopeOfProcess(process.ppid)?.directory).toMatch(/^\//)
    expect(scopeOfProcess(2 ** 30)).toBeUndefined()
  })
})
