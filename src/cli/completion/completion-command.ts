/**
 * `wsyard completion`: what a shell needs to complete the commands, their options and the names of servers.
 */
import { Argument, Command } from 'commander'
import { type CommandContext, commands, loadCommand } from '../commands.js'
import { listServers } from '../find-server.js'
import { bashCompletion } from './bash.js'
import { type Completable, completableOf } from './completable.js'
import { fishCompletion } from './fish.js'
import { zshCompletion } from './zsh.js'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

const help = `
What it prints asks "wsyard completion servers" for the names and ids that there are, each time that one is completed.

Examples:
  source <(wsyard completion bash)                                   in ~/.bashrc
  source <(wsyard completion zsh)                                    in ~/.zshrc, below compinit
  wsyard completion fish > ~/.config/fish/completions/wsyard.fish`

export function completionCommand(context: CommandContext): Command {
  return new Command('completion')
    .addArgument(new Argument('<shell>', 'for which shell').choices([...Object.keys(shells), 'servers']))
    .addHelpText('after', help)
    .action(async (shell: keyof typeof shells | 'servers') => {
      const text =
        shell === 'servers' ? await serverLabels(context) : shells[shell](await completables(context))
      process.stdout.write(text)
    })
}

async function completables(context: CommandContext): Promise<Completable[]> {
  return Promise.all(
    Object.values(commands).map(async (command) =>
      completableOf(await loadCommand(command, context), command),
    ),
  )
}

/** What a server can be called by, a line each: names first. */
async function serverLabels({ onWarning }: CommandContext): Promise<string> {
  const entries = [...(await listServers(onWarning)).values()]
  const names = new Set(entries.flatMap(({ name }) => name ?? []))
  return [...names, ...entries.map(({ id }) => id)].map((label) => `${label}\n`).join('')
}
