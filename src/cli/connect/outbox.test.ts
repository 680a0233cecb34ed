import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { createOutbox } from './outbox.js'

/** Takes every message at once, until it is closed. */
function fastSocket() {
  const sent: string[] = []
  const socket = Object.assign(new EventEmitter(), {
    send(message: string, done: (error?: Error) => void) {
      sent.push(message)
      done()
    },
  })
  return { sent, socket: socket as unknown as WebSocket }
}

it('leaves all else its turn while it sends an input that never ends', async () => {
  const { sent, socket } = fastSocket()
  const outbox = createOutbox(Array.from({ length: 10_000 }, () => 'again'))
  outbox.use(socket)
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent.length).toBeLessThan(1000)
  await outbox.sent
  expect(sent).toHaveLength(10_000)
})

it('knows soon whether something is left that was read', async () => {
  const none = createOutbox(
    (async function* () {
      await new Promise(() => {}) // nothing is typed
      yield ''
    })(),
  )
  expect(await none.isHeldUpSoon()).toBe(false)
  expect(await createOutbox(['one']).isHeldUpSoon()).toBe(true)
})
