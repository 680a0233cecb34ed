import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { familyIn, type Listed, sessionsIn } from './family.js'
import { familyOf } from './linux-family.js'
import { parseListeners, parseProcesses } from './macos-family.js'

const one = (pid: number, parent: number, session: number, isZombie = false): Listed => ({
  pid,
  parent,
  session,
  isZombie,
})

describe('the family of a command', () => {
  it.each([
    [
      'has those of its session, wherever they are by now',
      [one(5, 1, 5), one(6, 1, 5), one(7, 1, 7)],
      [5, 6],
    ],
    ['has those of its session when it has ended', [one(6, 1, 5), one(7, 6, 5)], [6, 7]],
    ['has those below it in sessions of their own', [one(9, 7, 9), one(7, 5, 7), one(5, 1, 5)], [9, 7, 5]],
    ['has no zombies, and those below them', [one(5, 1, 5, true), one(6, 5, 6)], [6]],
    ['has neither its parent nor others', [one(4, 1, 4), one(5, 4, 5), one(6, 4, 4)], [5]],
    ['has nobody who got the pid of the command when it had ended', [one(5, 1, 2), one(6, 5, 2)], []],
  ])('%s', (_what, processes, pids) => {
    expect(familyIn(processes, [5]).map(({ pid }) => pid)).toEqual(pids)
  })

  it('has those of several sessions, and those below them', () => {
    const processes = [one(6, 1, 6), one(7, 6, 7), one(8, 1, 8), one(9, 1, 5)]
    expect(familyIn(processes, [5, 6]).map(({ pid }) => pid)).toEqual([6, 7, 9])
  })

  it.runIf(process.platform === 'linux')('is read from /proc, however a program calls itself', async () => {
    const code = `process.title = ') Z 1 1 1 ('; console.log('running'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['-e', code], { detached: true })
    const leader = Number(child.pid)
    try {
      await once(child.stdout, 'data')
      expect(familyOf([leader])).toEqual([
        { pid: leader, parent: process.pid, session: leader, isZombie: false },
      ])
    } finally {
      child.kill('SIGKILL')
    }
  })
})

describe('the sessions of a command', () => {
  const known = { sessions: [5, 7], isEnding: false }

  it('are its own and those of what is below it', () => {
    const processes = [one(5, 1, 5), one(6, 5, 5), one(7, 6, 7), one(8, 6, 8), one(9, 1, 9)]
    expect(sessionsIn(processes, 5, { sessions: [5], isEnding: false })).toEqual([5, 7, 8])
  })

  it('are those no more that have left it while it lives', () => {
    expect(sessionsIn([one(5, 1, 5), one(7, 1, 7)], 5, known)).toEqual([5])
  })

  it.each([
    ['that it had when it has ended', [one(7, 1, 7), one(9, 1, 9)], known],
    ['that it had while nobody has seen its end', [one(5, 1, 5, true), one(7, 1, 7)], known],
    ['that it had since it is ending', [one(5, 1, 5), one(7, 1, 7)], { ...known, isEnding: true }],
  ])('are those still %s', (_when, processes, before) => {
    expect(sessionsIn(processes, 5, before)).toEqual([5, 7])
  })

  it('are those no more in which nobody is left', () => {
    expect(sessionsIn([one(5, 1, 5)], 5, { ...known, isEnding: true })).toEqual([5])
  })
})

describe('on macOS', () => {
  it('processes are the lines of ps, whatever else stands there', () => {
    expect(parseProcesses('  501     1   501 Ss\nps: odd\n    7   501   501 Z+  \n')).toEqual([
      { pid: 501, parent: 1, session: 501, isZombie: false },
      { pid: 7, parent: 501, session: 501, isZombie: true },
    ])
  })

  it('listeners are what lsof prints of each socket, one for a port', () => {
    const lines = ['p501', 'f12', 'tIPv6', 'PTCP', 'n*:3000', 'f13', 'tIPv4', 'PTCP', 'n*:3000']
    const more = ['f14', 'tIPv4', 'PTCP', 'n127.0.0.1:41', 'p7', 'f3', 'tIPv6', 'PTCP', 'n[::1]:42', '']
    expect(parseListeners([...lines, ...more].join('\n'))).toEqual([
      { pid: 501, host: '::', port: 3000 },
      { pid: 501, host: '127.0.0.1', port: 41 },
      { pid: 7, host: '::1', port: 42 },
    ])
  })
})
