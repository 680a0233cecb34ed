/**
 * Waits for SIGUSR2, then registers as many ports as it is told, all at once: `register-many.js <count> [<id>]`.
 * The ports are numbers only: nothing listens on them.
 */
import { openRegistry } from 'wsyard/registry'

const [count, id] = process.argv.slice(2)
const registry = openRegistry({ onWarning: ({ code, message }) => console.log(`warned ${code} ${message}`) })

process.once('SIGUSR2', async () => {
  const ports = Array.from({ length: Number(count) }, (_, position) => 1024 + position)
  const results = await Promise.allSettled(
    ports.map((port) => registry.register(id === undefined ? { port } : { port, id })),
  )
  for (const result of results) {
    if (result.status === 'rejected') console.log(`refused ${result.reason.code} ${result.reason.message}`)
  }
  const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []))
  console.log(`registered ${JSON.stringify(ids)}`)
})
setInterval(() => {}, 60_000) // a registration alone keeps no process alive
console.log('ready')
