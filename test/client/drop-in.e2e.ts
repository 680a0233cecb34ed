/** A class in place of WebSocket, for libraries that take one: y-websocket's provider, over restarts of its server. */
import { join } from 'node:path'
import { projectRoot, startProcess, type TestHome } from '../support/processes.js'
import { expect, test } from './fixtures.js'

declare global {
  interface Window {
    documents: { text: string; insert(text: string): void }[]
  }
}

async function startYjsServer(home: TestHome) {
  const script = join(projectRoot, 'examples/yjs/server.js')
  const running = home.own(
    startProcess(process.execPath, [script], { env: { SHIPYARD_HOME: home.path, NO_COLOR: '1' } }),
  )
  await running.printed(/listening|port|yjs/i)
  return running
}

test('two documents become one through a class for a name, and again when its server is killed and restarted', async ({
  client,
  home,
}) => {
  const first = await startYjsServer(home)
  await client.evaluate(() => {
    const { Doc, WebsocketProvider } = window.yjs
    const client = window.wsyard.createClient()
    window.documents = ['ann', 'bob'].map(() => {
      const document = new Doc()
      new WebsocketProvider('ws://yjs', 'notes', document, {
        WebSocketPolyfill: client.webSocketFor('yjs'),
        disableBc: true, // they are in one page, and would find each other without any server
      })
      const text = document.getText('notes')
      return {
        get text() {
          return text.toString()
        },
        insert: (more) => text.insert(text.length, more),
      }
    })
  })
  const texts = () => client.evaluate(() => window.documents.map(({ text }) => text))
  const insert = (document: number, text: string) =>
    client.evaluate(({ document, text }) => window.documents[document]?.insert(text), { document, text })
  await insert(0, 'one ')
  await expect.poll(texts).toEqual(['one ', 'one '])
  await first.stop('SIGKILL')
  await insert(1, 'two ')
  await startYjsServer(home)
  await expect.poll(texts).toEqual(['one two ', 'one two '])
  await insert(0, 'three')
  await expect.poll(texts).toEqual(['one two three', 'one two three'])
})

test('a class for a name is a WebSocket to whoever asks', async ({ client, serve }) => {
  await serve({ name: 'a' })
  const facts = await client.evaluate(async () => {
    const Socket = window.wsyard.createClient().webSocketFor('a')
    class Own extends Socket {}
    const socket = new Own('ws://anything/room')
    const errors = [() => new Socket('ftp://a'), () => new Socket('ws://a', 'a b')].map((make) => {
      try {
        return `${make()}`
      } catch (error) {
        return (error as DOMException).name
      }
    })
    await new Promise((resolve) => {
      socket.onopen = resolve
    })
    return [
      socket instanceof Socket,
      socket instanceof Own,
      socket instanceof EventTarget,
      Socket.OPEN,
      ...errors,
    ]
  })
  expect(facts).toEqual([true, true, true, 1, 'SyntaxError', 'SyntaxError'])
})
