import { openRegistry } from '../../src/registry/index.js'
import { createTestHome } from '../support/processes.js'
import { describeRegistry } from './registry.contract.js'

describeRegistry('file and file', () => {
  const homes = [createTestHome(), createTestHome()]
  const registry = homes.map(({ path }) => `file://${path}`)
  const [one, other] = [openRegistry({ registry }), openRegistry({ registry })]
  return {
    registry: one,
    other,
    async [Symbol.asyncDispose]() {
      await one.close()
      await other.close()
      for (const home of homes) await home[Symbol.asyncDispose]()
    },
  }
})
