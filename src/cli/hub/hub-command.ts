/**
 * `wsyard hub`: its options, and what it says.
 */
import { resolve } from 'node:path'
import { styleText } from 'node:util'
import { Command, InvalidArgumentError, Option } from 'commander'
import { checkOrigins, isLoopbackHost, type Peers, reasonOf } from '../../core/index.js'
import { entrancePath } from '../../hub/index.js'
import { hubToken, networksOf, openRegistry, registryPlace, shipyardHome } from '../../registry/index.js'
import { readScope } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import { projectAt } from '../find-server.js'
import { addressOf, startStandalone } from './standalone.js'

/** Where a hub is looked for when nobody says otherwise; on the keys of a telephone it spells WSYD. */
const defaultPort = 9793

interface HubCommandOptions {
  port: number
  host: string
  auth: 'token' | 'origin'
  origins?: readonly string[]
  hosts?: readonly string[]
  peers?: Peers
  networks?: readonly string[]
  scope?: string
  dangerouslyOpenToTheNetwork?: boolean
  json?: boolean
}

const help = `
The link that it prints lets in whoever has it: it holds the hub's token, which stays the same. Pages of other origins need --origins, and
names besides localhost --hosts.

Examples:
  wsyard hub                                  the dashboard
  wsyard hub dist --auth origin               a built page, for everybody who opens it on this machine
  wsyard hub --host 0.0.0.0 --hosts devbox    for other machines, which need the link`

export function hubCommand({ onWarning }: CommandContext): Command {
  return new Command('hub')
    .argument('[dir]', 'a built page to serve beside it (default: the dashboard)')
    .option('-p, --port <port>', 'port to listen on; 0 lets the system pick one', readPort, defaultPort)
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all', '127.0.0.1')
    .addOption(
      new Option('--auth <kind>', 'who may come in: holders of the token, or every page of the own origin')
        .choices(['token', 'origin'])
        .default('token'),
    )
    .option(
      '--origins <origins>',
      'other pages that may come in, as https://app.example, with commas',
      readOrigins,
    )
    .option('--hosts <names>', 'names besides localhost by which it may be asked, with commas', readList)
    .addOption(
      new Option(
        '--peers <whose>',
        'whose processes reach servers that ask for a token: your own, or any, for a proxy of another user',
      ).choices(['same-user', 'any']),
    )
    .option(
      '--networks <networks>',
      'networks whose machines it dials for servers of a shared registry, as 10.0.0.0/8, with commas (default: WSYARD_NETWORKS)',
      readNetworks,
    )
    .option(
      '--scope <dir>',
      'the project whose servers come first where several have one name (default: of this directory)',
      readScope,
    )
    .option('--json', 'print where it is as a line of JSON')
    .addOption(
      new Option('--dangerously-open-to-the-network', 'listen for other machines without a token').hideHelp(),
    )
    .addHelpText('after', help)
    .action((directory: string | undefined, options: HubCommandOptions, command: Command) => {
      const { host, auth, dangerouslyOpenToTheNetwork } = options
      if (auth === 'origin' && !isLoopbackHost(host) && dangerouslyOpenToTheNetwork !== true) {
        command.error(
          `error: --auth origin on ${host} lets everybody on the network speak with every server. Leave it out to ask for a token, or add --dangerously-open-to-the-network.`,
        )
      }
      return run(directory, options, onWarning)
    })
}

async function run(
  directory: string | undefined,
  { port, host, auth, origins = [], hosts = [], peers, networks, scope, json }: HubCommandOptions,
  onWarning: (warning: Error) => void,
): Promise<void> {
  const registry = openRegistry({ onWarning })
  const token = auth === 'token' ? hubToken(shipyardHome()) : undefined
  const page = directory === undefined ? undefined : resolve(directory)
  const names = isLoopbackHost(host) ? hosts : [...hosts, host]
  const hub = await startStandalone({
    directory: page,
    port,
    host,
    registry,
    token,
    origins,
    hosts: names,
    peers,
    networks,
    scope: projectAt(scope),
    onWarning,
  })

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, async () => {
      await hub.close()
      await registry.close()
    })
  }

  const address = addressOf(host, hub.port)
  const link = token === undefined ? `${address}/` : `${address}${entrancePath}#token=${token.reveal()}`
  if (json === true) {
    const said = { url: link, port: hub.port, page: page ?? null, registry: registryPlace() }
    process.stdout.write(`${JSON.stringify(said)}\n`)
    return
  }
  process.stdout.write(`
  ${styleText('bold', 'wsyard hub')} is running

  ${styleText('green', '➜')}  Open      ${styleText('cyan', link)}
  ${styleText('green', '➜')}  Page      ${page ?? 'the dashboard'}
  ${styleText('green', '➜')}  Registry  ${registryPlace()}
${token === undefined ? '' : `\n  ${styleText('dim', 'The link is yours alone: who has it can speak with every server.')}\n`}  ${styleText('dim', 'Press Ctrl+C to stop.')}

`)
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}

function readOrigins(text: string, earlier?: readonly string[]): readonly string[] {
  const origins = readList(text, earlier)
  try {
    checkOrigins(origins)
  } catch (error) {
    throw new InvalidArgumentError(`${reasonOf(error)}.`)
  }
  return origins
}

function readNetworks(text: string, earlier?: readonly string[]): readonly string[] {
  const networks = readList(text, earlier)
  try {
    networksOf(networks, 'It')
  } catch (error) {
    throw new InvalidArgumentError(`${reasonOf(error)}.`)
  }
  return networks
}

function readList(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, ...text.split(',').flatMap((part) => part.trim() || [])]
}
