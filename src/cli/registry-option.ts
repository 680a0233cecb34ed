/**
 * `--registry`, which every command has that works with the registry. It holds for the whole process, and for the commands that it runs.
 */
import type { Command } from 'commander'
import { reasonOf } from '../core/index.js'
import { openRegistry } from '../registry/index.js'

export function addRegistryOption(command: Command): void {
  command
    .option(
      '--registry <url>',
      'the registry: file:, or etcd://host:2379/prefix; given several times, all as one (default: WSYARD_REGISTRY, or file:)',
      (url: string, earlier: readonly string[] = []) => [...earlier, url],
    )
    .hook('preAction', (_, asked) => {
      const { registry } = asked.opts<{ registry?: readonly string[] }>()
      if (registry === undefined) return
      try {
        openRegistry({ registry })
      } catch (error) {
        asked.error(`error: ${reasonOf(error)}`) // not by commander, which would repeat the password
      }
      process.env.WSYARD_REGISTRY = registry.map((url) => url.replaceAll(' ', '%20')).join(' ')
    })
}
