/**
 * A process that uses a registry, in one of these ways: `etcd-server.js stay <id> <port>` registers and lives on, `end <id> <port>` registers
 * and does no more, `throw` and `exit` end by themselves thereafter, `watch` watches. It prints what it does and is warned of.
 */
import { openRegistry } from 'wsyard/registry'

const [way, id = 'server', port = '4000'] = process.argv.slice(2)
const registry = openRegistry({
  onWarning: ({ code, message }) => console.log(`warning ${code}: ${message}`),
})
if (way === 'watch') registry.watch(({ type }) => console.log(`told ${type}`))
else {
  const { entry } = await registry.register({ id, port: Number(port) })
  console.log(`registered ${entry.instance}`)
  if (way === 'stay') setInterval(() => {}, 60_000)
  if (way === 'throw') throw new Error('thrown, as it was told')
  if (way === 'exit') process.exit()
}
