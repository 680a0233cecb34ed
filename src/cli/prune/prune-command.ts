/**
 * `wsyard prune`: takes out what has ended, and with `--orphans` ends servers that nobody owns any more.
 */
import { homedir } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { type Entry, toServer } from '../../core/index.js'
import { openRegistry } from '../../registry/index.js'
import type { CommandContext } from '../commands.js'
import { describeServer } from '../text/describe-server.js'
import { formatAge } from '../text/format-age.js'
import { harmlessLine } from '../text/format-message.js'
import { formatTable } from '../text/format-table.js'
import { formatWhere } from '../text/format-where.js'
import { harmlessJson } from '../text/harmless-json.js'
import { say } from '../text/say.js'
import { endProcess } from './end-process.js'

interface PruneOptions {
  orphans?: boolean
  yes?: boolean
  json?: boolean
}

const help = `
A server is an orphan when its entry names an owner, as an agent that has started it, and that has gone. It is asked to end by SIGTERM,
and ended by SIGKILL if it has not within five seconds. The exit code is 1 when one could not be ended, or you did not agree.

Examples:
  wsyard prune                   take out entries whose processes have ended
  wsyard prune --orphans         show orphans, and end them if you agree
  wsyard prune --orphans --yes   without asking`

export function pruneCommand(context: CommandContext): Command {
  return new Command('prune')
    .option('--orphans', 'end servers whose owners have gone as well, when you have agreed')
    .option('-y, --yes', 'agree beforehand')
    .option('--json', 'print what was taken out, and with --orphans what was ended, as JSON')
    .addHelpText('after', help)
    .action((options: PruneOptions, command: Command) => run(options, command, context))
}

async function run(
  { orphans, yes, json }: PruneOptions,
  command: Command,
  { onWarning, exitWith }: CommandContext,
): Promise<void> {
  await using registry = openRegistry({ onWarning })
  const orphaned = orphans === true ? (await registry.list()).filter(({ state }) => state === 'orphaned') : []
  const left = orphaned.filter(({ source }) => source === undefined)
  for (const entry of orphaned) if (!left.includes(entry)) say(whyLeftAlone(entry))
  if (left.length > 0 && yes !== true && !process.stdin.isTTY) {
    if (json !== true) print(tableOf(left))
    command.error('error: nobody is there to agree that they are ended. Nothing was done. Add --yes.')
  }
  const pruned = await registry.prune()
  if (json !== true) {
    for (const { id, name = id, pid } of pruned) print(`Took out ${name}: process ${pid} has ended.`)
    if (pruned.length === 0) print('No entry was without a process.')
    if (orphans === true) print(left.length === 0 ? 'No server is an orphan.' : `\n${tableOf(left)}`)
  }
  const agreed = left.length === 0 || yes === true || (await agree(left.length))
  const ended: { entry: Entry; isEnded: boolean }[] = []
  if (agreed) {
    const results = await Promise.all(left.map((entry) => endProcess(entry)))
    ended.push(...left.map((entry, position) => ({ entry, isEnded: results[position] === true })))
    await registry.prune()
  }
  if (json === true) {
    const shown = ended.map(({ entry, isEnded }) => ({ ...toServer(entry), ended: isEnded }))
    const taken = pruned.map(toServer).map(({ state: _, ...server }) => server) // of what has ended there is none
    print(harmlessJson({ pruned: taken, ...(orphans && { orphans: shown }) }, 2))
  } else
    for (const { entry, isEnded } of ended) {
      const { id, name = id, pid } = entry
      print(isEnded ? `Ended ${name}, process ${pid}.` : `Process ${pid} of ${name} could not be ended.`)
    }
  if (!agreed || ended.some(({ isEnded }) => !isEnded)) exitWith(1)
}

/** Whoever may write to a shared registry may have named any process of this machine, and an owner that has gone. */
function whyLeftAlone(entry: Entry): string {
  const what = `${describeServer(entry)} is an orphan that is left alone`
  const why = `its entry is in ${entry.source}, to which others may write, so no process is ended for it`
  return harmlessLine(`${what}: ${why}. End process ${entry.pid} yourself, if it is that server.`)
}

function tableOf(orphans: readonly Entry[]): string {
  const rows = orphans.map((orphan) => {
    const { id, name = id, pid, startedAt } = orphan
    const up = startedAt === undefined ? '-' : formatAge(Date.now() - Date.parse(startedAt))
    return [name, String(pid), up, formatWhere(orphan, homedir())].map((text) => ({ text }))
  })
  return formatTable(['ORPHAN', 'PID', 'UP', 'WHERE'], [{ rows }], process.stdout.columns)
}

/** Asks whoever sits at the terminal. */
async function agree(count: number): Promise<boolean> {
  const { stdin, stderr } = process
  const dialogue = createInterface({ input: stdin, output: stderr })
  const closed = new Promise<string>((resolve) => dialogue.once('close', () => resolve('')))
  const question = count === 1 ? 'End this process? [y/N] ' : `End these ${count} processes? [y/N] `
  const answer = await Promise.race([dialogue.question(question), closed])
  dialogue.close()
  const agreed = /^y(es)?$/i.test(answer.trim())
  if (!agreed) say('They go on.')
  return agreed
}

function print(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`)
}
