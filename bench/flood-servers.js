/**
 * Servers that all send at an even pace once somebody is connected to each: `flood-servers.js <home> <count> <perSecond>`. Sends
 * `ready`; at the message `start` the flood begins, at `stop` it ends, and how many messages each has sent is told.
 */
import { openRegistry } from '../dist/registry/index.js'
import { createServer } from '../dist/server/index.js'

const [home = '', count = '0', perSecond = '0'] = process.argv.slice(2)
const registry = openRegistry({ home, onWarning: ({ message }) => console.error(message) })
/** @type {Awaited<ReturnType<typeof createServer>>[]} */
const servers = []
for (let number = 0; number < Number(count); number += 1)
  servers.push(
    await createServer({ registry, auth: 'open', name: `flood-${number}`, onConnection: () => {} }),
  )

/** How many rounds there have been; in each, every server sends one message. */
let sent = 0
/** @type {ReturnType<typeof setInterval> | undefined} */
let timer
let startedAt = 0

function send() {
  // By the clock, as a timer is late on a busy machine.
  const due = Math.floor(((performance.now() - startedAt) / 1000) * Number(perSecond))
  for (; sent < due; sent += 1)
    for (const [number, { clients }] of servers.entries())
      for (const socket of clients)
        socket.send(
          `{"server":${number},"seq":${sent},"text":"a message as a worker sends it, of ordinary length"}`,
        )
}

process.on('message', (message) => {
  clearInterval(timer)
  if (message === 'start') {
    startedAt = performance.now()
    sent = 0
    timer = setInterval(send, 1000 / Number(perSecond))
  } else process.send?.(sent)
})
process.send?.('ready')
process.on('disconnect', () => process.exit())
