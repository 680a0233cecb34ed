#!/usr/bin/env node
/**
 * The command. It alone prints, reads the arguments and sets the exit code.
 */
import { readFileSync } from 'node:fs'
import { styleText } from 'node:util'
import { Command } from 'commander'
import { openRegistry, shipyardHome, WsyardError } from '../registry/index.js'
import { connectCommand } from './connect-command.js'
import { formatList } from './format-list.js'
import { hubCommand } from './hub-command.js'
import { watchCommand } from './watch-command.js'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('wsyard')
  .description('Find every WebSocket server that runs on this machine.')
  .version(version)
  .showHelpAfterError()

/** How long a server has to answer before the list calls it unresponsive: people wait for it. */
const patienceMs = 1000

program
  .command('list', { isDefault: true })
  .description('show the servers that run now')
  .option('--json', 'print the entries as JSON')
  .action(async ({ json }: { json?: boolean }) => {
    const registry = openRegistry({ onWarning })
    const entries = await registry.list({ patienceMs })
    await registry.close()
    if (json === true) process.stdout.write(`${JSON.stringify({ servers: entries }, null, 2)}\n`)
    else process.stdout.write(formatList(entries, { home: shipyardHome(), now: new Date() }))
  })

program.addCommand(watchCommand(onWarning))
program.addCommand(connectCommand(onWarning))
program.addCommand(hubCommand(onWarning))

function onWarning(warning: Error): void {
  const code = warning instanceof WsyardError ? ` ${styleText('dim', `[${warning.code}]`)}` : ''
  process.stderr.write(`${styleText('yellow', 'warning')} ${warning.message}${code}\n`)
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof WsyardError || error instanceof TypeError)) throw error
  const code = error instanceof WsyardError ? ` ${styleText('dim', `[${error.code}]`)}` : ''
  process.stderr.write(`${styleText('red', 'error')} ${error.message}${code}\n`)
  process.exitCode = 1
}
