/** On whatever machine the tests run: its own platform's file, and the parts of the others that can be asked here. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { parseStat } from './linux.js'
import { macos, parseListing } from './macos.js'
import { platform } from './platform.js'
import { windows } from './windows.js'

const hasPs = spawnSync('/bin/ps', ['-o', 'lstart=', '-p', String(process.pid)]).status === 0

describe.skipIf(process.platform === 'win32').each([
  ['this platform', platform, true],
  ['ps', macos, hasPs],
] as const)('%s', (_name, asked, isHere) => {
  it.skipIf(!isHere)('tells a process that runs, is stopped, and is a zombie apart', async () => {
    // The parent never reaps: it is a shell that has become another program.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'])
    const [line] = await once(parent.stdout, 'data')
    const child = Number(String(line))
    const state = () => {
      const { isZombie = false, isStopped = false } = asked.inspect(child) ?? {}
      return { isZombie, isStopped }
    }
    try {
      const start = asked.inspect(child)?.start
      expect(start).toMatch(/./)
      expect(state()).toEqual({ isZombie: false, isStopped: false })
      process.kill(child, 'SIGSTOP')
      await expect.poll(state, { timeout: 5000 }).toEqual({ isZombie: false, isStopped: true })
      process.kill(child, 'SIGKILL')
      await expect.poll(state, { timeout: 5000 }).toEqual({ isZombie: true, isStopped: false })
      if (asked === platform) expect(asked.inspect(child)?.start).toBe(start)
      process.kill(child, 0) // still finds it: hence all this
    } finally {
      parent.kill('SIGKILL')
    }
  })

  it.skipIf(!isHere)('names the host and the pid space the same at each asking', () => {
    expect(asked.hostId()).toMatch(/./)
    expect([asked.hostId(), asked.pidSpace(), asked.bootId()]).toEqual([
      asked.hostId(),
      asked.pidSpace(),
      asked.bootId(),
    ])
  })

  it.skipIf(!isHere || asked.turnover() === undefined)(
    'tells that a process has begun and ended',
    async () => {
      const before = asked.turnover()
      const child = spawn('true')
      const begun = asked.turnover()
      await once(child, 'exit')
      expect(new Set([before, begun, asked.turnover()]).size).toBe(3)
    },
  )

  it.skipIf(!isHere)('says nothing of a pid that nobody has', () => {
    expect(asked.inspect(2 ** 31 - 1)).toBeUndefined()
  })
})

describe('/proc/<pid>/stat', () => {
  const rest = ` 1 ${Array.from({ length: 17 }, (_, position) => position).join(' ')} 8765 0`
  it.each([
    ['12 (node) S', { isZombie: false, isStopped: false, start: '8765' }],
    ['12 (a) Z (b) c) Z', { isZombie: true, isStopped: false, start: '8765' }],
    ['12 (node) t', { isZombie: false, isStopped: true, start: '8765' }],
  ])('%s', (head, expected) => {
    expect(parseStat(head + rest)).toEqual(expected)
  })
  it.each(['', '12 (node)', '12 (node) S 1 2'])('%j says nothing', (text) => {
    expect(parseStat(text)).toBeUndefined()
  })
})

it('a listing of ps is read by its lines, whatever else stands in it', () => {
  const text =
    '    1 Ss   Mon Nov 23 04:22:35 2026\n\nps: odd\n  42 T+   Sun Nov  1 00:00:00 2026    \n43 Z Mon Nov 23 04:22:36 2026'
  expect([...parseListing(text)]).toEqual([
    [1, { isZombie: false, isStopped: false, start: 'Mon Nov 23 04:22:35 2026' }],
    [42, { isZombie: false, isStopped: true, start: 'Sun Nov  1 00:00:00 2026' }],
    [43, { isZombie: true, isStopped: false, start: 'Mon Nov 23 04:22:36 2026' }],
  ])
})

it('where nothing can be asked, nothing is said', () => {
  expect(windows.inspect(process.pid)).toBeUndefined()
  expect(windows.hostId()).toMatch(/./)
})
