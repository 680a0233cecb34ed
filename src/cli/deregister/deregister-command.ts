/**
 * `wsyard deregister`: takes an entry out of the registry.
 */
import { Command } from 'commander'
import { isManaged } from '../../core/index.js'
import { isOfThisMachine, openRegistry } from '../../registry/index.js'
import { readScope } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import { lookUp, scopeHelp, wantedServer } from '../find-server.js'
import { say } from '../text/say.js'

interface DeregisterOptions {
  scope?: string
  json?: boolean
}

const help = `
The process goes on. A server that looks after its own entry, as those made by wsyard do, puts it back within seconds: stop the process
instead. To take out what has ended, see "wsyard prune".

Examples:
  wsyard deregister api
  wsyard deregister server-1735946123456-abc123`

export function deregisterCommand({ onWarning }: CommandContext): Command {
  return new Command('deregister')
    .argument('<server>', 'its id or name, as "wsyard ls" has it')
    .option('--scope <dir>', scopeHelp, readScope)
    .option('--json', 'print the id of the entry that was taken out as JSON')
    .addHelpText('after', help)
    .action(async (key: string, { scope, json }: DeregisterOptions) => {
      const entry = await lookUp(wantedServer(key, scope), onWarning)
      const { id, name = id, pid } = entry
      await using registry = openRegistry({ onWarning })
      const removed = await registry.deregister(id)
      if (json === true) process.stdout.write(`${JSON.stringify({ id, removed })}\n`)
      else
        process.stdout.write(removed ? `Took ${name} out of the registry.\n` : `${name} has left just now.\n`)
      if (removed && isManaged(entry) && isOfThisMachine(entry))
        say(`Process ${pid} goes on; if it looks after its entry, that is back within seconds.`)
    })
}
