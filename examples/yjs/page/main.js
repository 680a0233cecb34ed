/**
 * Notes that every page shares, through a server that may move: y-websocket's provider with a class of ours in place of
 * WebSocket.
 */
import { createClient } from 'wsyard/client'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'

const client = createClient()
const document = new Doc()
const text = document.getText('notes')
const provider = new WebsocketProvider('ws://yjs', 'notes', document, {
  WebSocketPolyfill: client.webSocketFor('yjs'),
  disableBc: true, // pages of one browser would find each other without any server
})

const area = /** @type {HTMLTextAreaElement} */ (globalThis.document.querySelector('textarea'))
const status = /** @type {HTMLElement} */ (globalThis.document.querySelector('#status'))

provider.on('status', ({ status: now }) => {
  const { port } = client.servers.find(({ name }) => name === 'yjs') ?? {}
  status.textContent =
    now === 'connected' ? `Connected to the server at port ${port}` : 'Waiting for the server'
  area.disabled = false
})
text.observe(({ transaction }) => {
  if (transaction.local) return
  const { selectionStart, selectionEnd } = area
  area.value = text.toString()
  area.setSelectionRange(selectionStart, selectionEnd)
})
area.addEventListener('input', () => {
  const [before, after] = [text.toString(), area.value]
  let start = 0
  while (start < before.length && before[start] === after[start]) start += 1
  let same = 0
  while (same < Math.min(before.length, after.length) - start && before.at(-1 - same) === after.at(-1 - same))
    same += 1
  document.transact(() => {
    text.delete(start, before.length - start - same)
    text.insert(start, after.slice(start, after.length - same))
  })
})
