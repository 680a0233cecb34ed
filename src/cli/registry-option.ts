/**
 * `--registry`, which every command has that works with the registry. It holds for the whole process, and for the commands that it runs.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { reasonOf } from '../core/index.js'
import { openRegistry } from '../registry/index.js'

export function addRegistryOption(command: Command): void {
  command
    .option(
      '--registry <url>',
      'the registry: file:, or etcd://host:2379/prefix; given several times, all as one (default: WSYARD_REGISTRY, or file:)',
      readRegistry,
    )
    .hook('preAction', (_, asked) => {
      const { registry } = asked.opts<{ registry?: string }>()
      if (registry !== undefined) process.env.WSYARD_REGISTRY = registry
    })
}

/** One more registry. Returns all, as `WSYARD_REGISTRY` has them. */
function readRegistry(url: string, earlier?: string): string {
  try {
    openRegistry({ registry: url })
  } catch (error) {
    throw new InvalidArgumentError(reasonOf(error))
  }
  return earlier === undefined ? url : `${earlier} ${url}`
}
