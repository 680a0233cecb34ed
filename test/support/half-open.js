/**
 * A hub and a subscriber in a network namespace of their own: `half-open.js <milliseconds from beat to beat>`. Takes the network
 * away once the subscriber has answered a ping, and prints how many beats the hub needed to notice.
 */
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { WebSocket } from 'ws'
import { createPush } from '../../dist/hub/push.js'
import { createHubView } from '../../dist/hub/view.js'
import { createMemoryRegistry } from '../../dist/registry/index.js'

const beatMs = Number(process.argv[2])
let beats = 0
const view = createHubView(createMemoryRegistry(), { scope: undefined, onWarning: () => {} })
const push = createPush(view, {
  maxSubscribers: 1,
  onBeat(beat) {
    const timer = setInterval(() => {
      beats += 1
      beat()
    }, beatMs)
    return () => clearInterval(timer)
  },
})

execFileSync('ip', ['link', 'set', 'lo', 'up'])
const http = createServer()
http.on('upgrade', (request, socket, head) => {
  push.accept(request, socket, head, { to: 'registry', query: '' })
  let answers = 0
  socket.on('data', () => {
    answers += 1
    if (answers !== 3) return
    execFileSync('ip', ['link', 'set', 'lo', 'down'])
    const before = beats
    console.log('The network is gone.')
    socket.on('close', () => {
      console.log(`Noticed in ${beats - before} beats.`)
      process.exit()
    })
  })
})
http.listen(0, '127.0.0.1', () => {
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  new WebSocket(`ws://127.0.0.1:${port}/api/registry`, 'wsyard.v1')
})
