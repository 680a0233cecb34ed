/**
 * Registers and deregisters through wsyard as fast as it goes: `churn.js <count>`.
 */
import { openRegistry } from 'wsyard/registry'

const registry = openRegistry({ onWarning: (warning) => console.log(warning.message) })
const count = Number(process.argv[2])
for (let position = 0; position < count; position += 1) {
  const registration = await registry.register({ port: 1024 + position })
  await registration.close()
}
await registry.close()
