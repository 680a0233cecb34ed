/** Clients that know nothing of wsyard, each by the URL of the relay alone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { WebSocket as UndiciWebSocket } from 'undici'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import OldWebSocket from 'ws-7'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import { startHub } from '../support/hub.js'
import {
  createTestHome,
  listening,
  projectRoot,
  startEchoServer,
  startProcess,
  type TestHome,
} from '../support/processes.js'
import { needPython } from '../support/tools.js'

/** The URL of an echo server, through a hub; what it answers begins with `[<id>] Echo: `. */
async function echoUrl(home: TestHome): Promise<string> {
  const hub = await startHub(home)
  home.own(await startEchoServer(home.path, ['--name', 'echo']))
  await expect.poll(hub.ids).toHaveLength(1)
  return `${hub.webSocketUrl}/echo`
}

const python = `
import asyncio, sys, websockets
async def main():
    async with websockets.connect(sys.argv[1]) as socket:
        await socket.send("from Python")
        print(await socket.recv())
asyncio.run(main())
`

const node = `
const socket = new WebSocket(process.argv[1])
socket.onopen = () => socket.send('from Node')
socket.onmessage = ({ data }) => { console.log(data); socket.close() }
`

describe('the relay, by its URL alone, is reached', () => {
  it('by ws', async () => {
    await using home = createTestHome()
    const socket = new WebSocket(await echoUrl(home))
    await once(socket, 'open')
    socket.send('from ws')
    expect(String((await once(socket, 'message'))[0])).toMatch(/Echo: from ws$/)
  })

  it('by ws 7', async () => {
    await using home = createTestHome()
    const socket = new OldWebSocket(await echoUrl(home))
    await once(socket, 'open')
    socket.send('from ws 7')
    expect(String((await once(socket, 'message'))[0])).toMatch(/Echo: from ws 7$/)
  })

  it('by undici', async () => {
    await using home = createTestHome()
    const socket = new UndiciWebSocket(await echoUrl(home))
    await once(socket, 'open')
    socket.send('from undici')
    const [{ data }] = await once(socket, 'message')
    expect(data).toMatch(/Echo: from undici$/)
    socket.close()
    await once(socket, 'close')
  })

  it("by Node's own WebSocket", async () => {
    await using home = createTestHome()
    const url = await echoUrl(home)
    const flags = typeof globalThis.WebSocket === 'function' ? [] : ['--experimental-websocket'] // Node 20 has it hidden
    const client = home.own(startProcess(process.execPath, [...flags, '-e', node, url]))
    await client.printed(/Echo: from Node/)
    expect(await client.ended).toBe(0)
  })

  it("by Python's websockets", async (context) => {
    const command = needPython(context, 'websockets', 'python3-websockets')
    await using home = createTestHome()
    const client = home.own(startProcess(command, ['-c', python, await echoUrl(home)]))
    await client.printed(/Echo: from Python/)
    expect(await client.ended).toBe(0)
  })

  it('by wscat', async () => {
    await using home = createTestHome()
    const url = await echoUrl(home)
    const script = join(projectRoot, 'node_modules/wscat/bin/wscat')
    const args = [script, '-c', url, '-x', 'from wscat', '--wait=-1']
    const wscat = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }) // ends with its input
    let output = ''
    wscat.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    await expect.poll(() => output).toMatch(/Echo: from wscat/)
    const ended = once(wscat, 'exit')
    wscat.stdin.end()
    await ended
  })

  it('by y-websocket, which syncs two documents through it, also when the server has been restarted', async () => {
    await using home = createTestHome()
    const hub = await startHub(home)
    const start = async () => {
      const script = join(projectRoot, 'examples/yjs/server.js')
      const env = { SHIPYARD_HOME: home.path }
      const server = home.own(await listening(startProcess(process.execPath, [script], { env })))
      await expect.poll(hub.ids).toEqual([server.id])
      return server
    }
    const enter = () => {
      const document = new Doc()
      const provider = new WebsocketProvider(`${hub.webSocketUrl}/yjs`, 'notes', document, {
        disableBc: true, // or two in one process find each other without a server
        WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      })
      home.onCleanUp(() => {
        provider.destroy()
        document.destroy()
      })
      return { provider, text: document.getText('notes') }
    }
    const server = await start()
    const [ann, bob] = [enter(), enter()]
    ann.text.insert(0, 'Ann ')
    await expect.poll(() => bob.text.toString()).toBe('Ann ')
    bob.text.insert(4, 'Bob')
    await expect.poll(() => ann.text.toString()).toBe('Ann Bob')
    ann.provider.awareness.setLocalStateField('user', 'Ann')
    await expect
      .poll(() => [...bob.provider.awareness.getStates().values()])
      .toContainEqual(expect.objectContaining({ user: 'Ann' }))

    await server.stop('SIGKILL')
    await expect.poll(() => ann.provider.wsconnected).toBe(false)
    ann.text.insert(0, '> ')
    await start()
    await expect.poll(() => bob.text.toString()).toBe('> Ann Bob')
  })

  it('by the example, which says so', async () => {
    await using home = createTestHome()
    const env = { SHIPYARD_HOME: home.path }
    const demo = home.own(
      startProcess(process.execPath, [join(projectRoot, 'examples/yjs/demo.js')], { env }),
    )
    const [, ann] = await demo.printed(/^Ann reads: (.+)$/m)
    const [, bob] = await demo.printed(/^Bob reads: (.+)$/m)
    expect(ann).toBe(bob)
    expect(await demo.ended).toBe(0)
  })
})
