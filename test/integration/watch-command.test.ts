/** `wsyard watch`: what a person sees and a script reads, from the registry itself and through a hub. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { Token } from '../../src/core/index.js'
import { newToken, openRegistry, type WatchEvent } from '../../src/registry/index.js'
import { startHub } from '../support/hub.js'
import {
  createTestHome,
  projectRoot,
  type RunningProcess,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { createReplay } from '../support/replay.js'

const wsyard = join(projectRoot, 'dist/bin/wsyard.js')

function watch(home: TestHome, ...args: string[]): RunningProcess {
  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
  return home.own(startProcess(process.execPath, [wsyard, 'watch', ...args], { env }))
}

/** The events that it has printed as JSON so far. */
function events(running: RunningProcess): WatchEvent[] {
  const whole = running.output().split('\n').slice(0, -1)
  return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
}

/** The ids that its events add up to. @throws when one does not follow from those before. */
function idsAfter(told: readonly WatchEvent[]): string[] {
  const replay = createReplay()
  for (const event of told) replay.take(event)
  return replay.ids()
}

/** A server that listens until the test ends, and where. */
async function listen(home: TestHome, server: ReturnType<typeof createHttpServer>): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  home.onCleanUp(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('wsyard watch', () => {
  it('shows who is there, and who comes, stops answering and goes, and ends well', async () => {
    await using home = createTestHome()
    const early = home.own(await startEchoServer(home.path, ['--name', 'early']))
    const watching = watch(home)
    await watching.printed(
      new RegExp(`^\\d\\d:\\d\\d:\\d\\d  =  early  port ${early.port}  pid ${early.pid}  `, 'm'),
    )
    expect(watching.output()).toContain(`Following ${home.path}, 1 server.`)
    const late = home.own(await startEchoServer(home.path, ['--name', 'late']))
    await watching.printed(new RegExp(`  \\+  late +port ${late.port}  pid ${late.pid}  ${late.id}$`, 'm'))
    await late.stop('SIGTERM')
    await watching.printed(/ {2}- {2}late +deregistered$/m)
    await early.stop('SIGKILL')
    await watching.printed(/ {2}- {2}early +exited$/m)
    expect(await watching.stop('SIGINT')).toBe(0)
  })

  it.each(['the registry', 'a hub'])(
    'prints each event of %s as a line of JSON, without secrets',
    async (source) => {
      await using home = createTestHome()
      await using registry = openRegistry({ home: home.path })
      const first = await registry.register({ port: 8080, name: 'a', auth: 'token' })
      const args = source === 'a hub' ? ['--hub', (await startHub(home)).url] : []
      const watching = watch(home, '--json', ...args)
      await expect.poll(() => idsAfter(events(watching))).toEqual([first.id])
      const second = await registry.register({ port: 8081, meta: { role: 'x\u009b2J\u202e' } })
      await expect.poll(() => idsAfter(events(watching))).toContain(second.id) // or both are one change
      await first.close()
      await expect.poll(() => idsAfter(events(watching))).toEqual([second.id])
      expect(events(watching)).toMatchObject([
        { type: 'snapshot', entries: [{ id: first.id, port: 8080, name: 'a', auth: 'token', state: 'up' }] },
        {
          type: 'change',
          changes: [{ type: 'added', entry: { id: second.id, meta: { role: 'x\u009b2J\u202e' } } }],
        },
        { type: 'change', changes: [{ type: 'removed', entry: { id: first.id }, reason: 'deregistered' }] },
      ])
      expect(watching.output()).not.toContain(first.entry.token?.reveal())
      expect(watching.output()).not.toMatch(/processStart|machine/)
      expect(watching.output()).toContain('x\\u009b2J\\u202e') // which would move the cursor and turn the line around
    },
  )

  it('misses nothing when its hub restarts, and says so (row 25)', async () => {
    await using home = createTestHome()
    await using registry = openRegistry({ home: home.path })
    const start = async (port: string) => {
      const hub = fork(join(projectRoot, 'test/support/restarting-hub.js'), [home.path, port])
      home.onCleanUp(async () => {
        if (hub.exitCode !== null || hub.signalCode !== null) return
        hub.kill('SIGKILL')
        await once(hub, 'exit')
      })
      return { hub, port: String((await once(hub, 'message'))[0]) }
    }
    const { hub, port } = await start('0')
    const watching = watch(home, '--hub', `http://localhost:${port}`)
    const [leaves, stays] = [
      await registry.register({ port: 1, name: 'leaves' }),
      await registry.register({ port: 2, name: 'stays' }),
    ]
    await watching.printed(new RegExp(`leaves .*${leaves.id}`))
    await watching.printed(new RegExp(`stays .*${stays.id}`))
    hub.kill('SIGKILL')
    await watching.printed(/The hub is lost, as .*; it is tried again\./)
    await leaves.close()
    await registry.register({ port: 3, name: 'comes' })
    await start(port)
    await watching.printed(/The hub is back\./)
    await watching.printed(/ {2}\+ {2}comes /)
    expect(watching.output()).toMatch(/ {2}- {2}leaves +gone\n/)
    expect(watching.output().match(/[=+] {2}stays/g)).toHaveLength(1)
  })

  it('has the token of a hub from the link that it printed', async () => {
    await using home = createTestHome()
    const token = new Token(newToken())
    const origin = new URL((await startHub(home, { token })).url).origin
    const watching = watch(home, '--hub', `${origin}/__wsyard/enter#token=${token.reveal()}`)
    await watching.printed(/Following http:\S+, no servers\./)
    expect(watching.output()).not.toContain(token.reveal())
    for (const [link, why] of [
      [
        origin,
        /refused to be followed with 401 Unauthorized: A token is needed here\. .*\[WSYARD_ERR_HUB_ANSWER\]/,
      ],
      [`${origin}/#token=${'x'.repeat(43)}`, /401 Unauthorized: This is not the token/],
    ] as const) {
      const refused = watch(home, '--hub', link)
      expect(await refused.ended).toBe(1)
      expect(refused.output()).toMatch(why)
    }
  })

  it('says that there is no hub, or that what is there is none', async () => {
    await using home = createTestHome()
    const nothing = createHttpServer()
    const gone = await listen(home, nothing)
    nothing.close()
    const plain = await listen(
      home,
      createHttpServer((_request, response) => response.end('hello')),
    )
    const saying = (said: string) => {
      const server = createHttpServer()
      new WebSocketServer({ server }).on('connection', (socket) => socket.send(said))
      return listen(home, server)
    }
    for (const [url, why] of [
      [
        gone,
        /No hub can be followed at http:\S+: connect ECONNREFUSED .*"wsyard hub".*\[WSYARD_ERR_HUB_UNREACHABLE\]/,
      ],
      [plain, /refused to be followed with 200 OK/],
      [
        await saying('hello'),
        /is no hub of wsyard.*its message hello makes no sense\. \[WSYARD_ERR_HUB_ANSWER\]/,
      ],
      [
        await saying('{"type":"snapshot","epoch":"\u009b","revision":0,"entries":[{"id":5}]}'),
        /at http:\S+ is no hub .* its message \{"type":"snapshot","epoch":"\\x9b".* makes no sense/,
      ],
    ] as const) {
      const watching = watch(home, '--hub', url)
      expect(await watching.ended).toBe(1)
      expect(watching.output()).toMatch(why)
      expect(watching.output()).not.toMatch(/\n\s+at /)
    }
  })

  it.each([
    [['--hub', 'localhost:5173'], /must be a URL, as http:\/\/localhost:5173/],
    [['--hub', 'x'], /must be a URL/],
    [['--hub', 'http://localhost/#token=short'], /copy the whole link/],
    [['--jso'], /unknown option '--jso'.*--json/s],
  ])('refuses %j, saying why', async (args, why) => {
    await using home = createTestHome()
    const watching = watch(home, ...args)
    expect(await watching.ended).toBe(2)
    expect(watching.output()).toMatch(why)
  })

  it('ends when nobody reads what it prints any more', async () => {
    await using home = createTestHome()
    await using registry = openRegistry({ home: home.path })
    const watching = watch(home)
    await watching.printed(/Following/)
    watching.child.stdout?.destroy()
    await registry.register({ port: 8080 })
    expect(await watching.ended).toBe(0)
  })

  it.runIf(existsSync('/dev/full'))('says that what it prints cannot be written, and ends', async () => {
    await using home = createTestHome()
    await using registry = openRegistry({ home: home.path })
    await registry.register({ port: 8080 })
    const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1' }
    const program = `exec '${process.execPath}' '${wsyard}' watch > /dev/full`
    const watching = home.own(startProcess('sh', ['-c', program], { env }))
    expect(await watching.ended).toBe(1)
    expect(watching.output()).toMatch(/^error The output cannot be written: .*ENOSPC/m)
    expect(watching.output()).not.toMatch(/\n\s+at /)
  })
})
