/**
 * One server that comes and goes: `register-now-and-then.js <home> <name> <rounds> <everyMs>`. Sends a message when it is done.
 */
import { setTimeout } from 'node:timers/promises'
import { openRegistry } from '../dist/registry/index.js'

const [home = '', name = '', rounds = '0', everyMs = '0'] = process.argv.slice(2)
const registry = openRegistry({ home })
for (let round = 0; round < Number(rounds); round += 1) {
  const registration = await registry.register({ port: 9, name })
  await setTimeout(Number(everyMs) / 2)
  await registration.close()
  await setTimeout(Number(everyMs) / 2)
}
process.send?.('done')
process.on('disconnect', () => process.exit())
