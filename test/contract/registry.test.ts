import { createMemoryRegistry, openRegistry } from '../../src/registry/index.js'
import { createTestHome } from '../support/processes.js'
import { describeRegistry } from './registry.contract.js'

describeRegistry('memory', () => {
  const registry = createMemoryRegistry()
  return { registry, other: registry, [Symbol.asyncDispose]: () => registry.close() }
})

describeRegistry('file', () => {
  const home = createTestHome()
  const registry = openRegistry({ home: home.path })
  const other = openRegistry({ home: home.path })
  return {
    registry,
    other,
    async [Symbol.asyncDispose]() {
      await registry.close()
      await other.close()
      await home[Symbol.asyncDispose]()
    },
  }
})
