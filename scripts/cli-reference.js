/**
 * The text of docs/reference/cli.md: an introduction, and of each command what it says with `--help`. Writing it down is
 * `write-cli-reference.js`'s part.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { commands, defaultCommand } from '../dist/cli/commands.js'

const main = fileURLToPath(new URL('../dist/bin/wsyard.js', import.meta.url))

/** @param {string} help what `wsyard --help` prints */
const introduction = (help) => `# \`wsyard\`

The command finds the WebSocket servers that run on this machine, talks with them, runs and registers others, and shows all of them to
pages. \`npx wsyard\` runs it in a project that has the package. [The guide](../guide/command-line.md) says what it is good for; this page
has what each command says of itself.

${block(help)}

Without a command it is \`wsyard ${defaultCommand}\`.

## What all commands have in common

**Where the registry is.** In \`~/.shipyard/\`, or in the directory that \`SHIPYARD_HOME\` names, which must be an absolute path; or in an
etcd that several machines share, where \`--registry\` or \`WSYARD_REGISTRY\` names one ([several machines](../guide/several-machines.md)). A
command sees the servers of the registry that it reads, and no others.

**Exit codes.** 0 says that all went well, 1 that something did not, and 2 that the arguments make no sense; what was wrong stands on the
error output. \`wsyard run\` ends with the code of the command that it has run: 127 when there is none of that name, and 126
when it cannot be started. The code in brackets behind an error is explained on [the page of errors](errors.md).

**Outputs.** The standard output has what was asked for, and the error output all else, so that a pipe gets data alone. Of \`wsyard run\` both
outputs belong to the command that it runs, and what it tells itself is on the error output.

**\`--json\`.** Where a command has it, it prints one object, or one in a line for each event. Their shapes are written down as JSON Schemas,
\`schema/cli/<command>.schema.json\`, which the package has as \`wsyard/cli/<command>.schema.json\`. They refer to
[\`server.schema.json\`](../../schema/cli/server.schema.json), which is a server as all commands print it. A program is to skip
properties and events that it does not know: later versions may add some.

**Colour.** There is some on a terminal and none in a pipe or a file, nor where \`NO_COLOR\` is set. What other programs have said is shown so
that nothing in it moves the cursor or changes the title.
`

/** What the page has to say. */
export async function cliReferenceText() {
  const names = Object.keys(commands)
  const [overview = '', ...helps] = await Promise.all([
    helpOf('--help'),
    ...names.map((name) => helpOf(name, '--help')),
  ])
  return [introduction(overview), ...names.map((name, index) => sectionOf(name, helps[index] ?? ''))].join(
    '\n',
  )
}

/**
 * @param {string} name
 * @param {string} help
 */
function sectionOf(name, help) {
  const path = `schema/cli/${name}.schema.json`
  const hasSchema = existsSync(new URL(`../${path}`, import.meta.url))
  const shapes = `\nWhat it prints with \`--json\`: [\`wsyard/cli/${name}.schema.json\`](../../${path}).\n`
  return `## \`wsyard ${name}\`\n\n${block(help)}\n${hasSchema ? shapes : ''}`
}

/** @param {string} text */
function block(text) {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``
}

/** @param {string[]} args */
async function helpOf(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args]) // 80 columns wide in a pipe
  return stdout
}
