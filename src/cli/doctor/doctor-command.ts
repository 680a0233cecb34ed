/**
 * `wsyard doctor`: its options, and what it prints. What it looks at is in `checks/`.
 */
import { statSync } from 'node:fs'
import { env } from 'node:process'
import { Command, InvalidArgumentError } from 'commander'
import { WsyardError } from '../../core/index.js'
import { shipyardHome } from '../../registry/index.js'
import { readHubAddress } from '../arguments.js'
import type { CommandContext } from '../commands.js'
import { harmlessJson } from '../text/harmless-json.js'
import { checks } from './checks/index.js'
import { examine, examineAndRepair, type Result } from './doctor.js'
import type { Found } from './finding.js'
import { formatReport, type Report, reportToJson } from './format-findings.js'
import { lookAround, type NamedHub, type Questions } from './surroundings.js'

interface DoctorOptions {
  repair?: boolean
  json?: boolean
  hub?: NamedHub
  origin?: string
}

/** Where a hub is looked for when nobody says otherwise. */
const usualHub: NamedHub = { origin: 'http://127.0.0.1:9793', token: undefined, isGiven: false }

const help = `
Each ✓ is something that was looked at and is well, each ✗ a problem, and each ! something that may be meant as it is; → says what to type
or to change. Nothing is changed without --repair, which gives files their modes, sets aside what is broken rather than deleting it, takes
out what has ended, and looks again.

To find servers without an entry, it asks by "GET /" at each port on loopback at which a process of this user listens that is run by Node;
other programs are asked nothing. With --json an object is printed: { "home", "checks", "findings" }, and with --repair "repairs".

The exit code is 1 when a problem is left.

Examples:
  wsyard doctor                                what is wrong, and what to do about it
  wsyard doctor --repair                       do what is safe of that
  wsyard doctor --hub http://localhost:5173    about the hub in that Vite
  wsyard doctor --origin https://app.example   whether that page may come in, and what would let it`

export function doctorCommand({ exitWith }: CommandContext): Command {
  return new Command('doctor')
    .option('--repair', 'do what is safe of what is to be done, and look again')
    .option(
      '--hub <url>',
      'the hub, by its address or the link that it printed (default: where "wsyard hub" is)',
      readHub,
    )
    .option('--origin <origin>', 'the page that is to come in, as https://app.example', readOrigin)
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', help)
    .action(async ({ repair = false, json, hub = usualHub, origin }: DoctorOptions) => {
      const report = await makeReport({ hub, origin }, repair)
      const text = json === true ? `${harmlessJson(reportToJson(report), 2)}\n` : formatReport(report)
      process.stdout.write(text)
      if (report.results.some(({ found }) => found?.some(({ level }) => level === 'problem'))) exitWith(1)
    })
}

/** Looks, and repairs if it is to. The environment may name the registry's directory. */
export async function makeReport(asked: Pick<Questions, 'hub' | 'origin'>, repair: boolean): Promise<Report> {
  const home = locate()
  if (typeof home !== 'string')
    return { home: undefined, results: [aboutHome('', [home])], repairs: repair ? [] : undefined }
  const questions = { ...asked, home, defaultHome: defaultHome() }
  const where = aboutHome(home, [])
  if (!repair) {
    const results = await examine(checks, await lookAround(questions))
    return { home, results: [where, ...results], repairs: undefined }
  }
  const { results, repairs } = await examineAndRepair(checks, () => lookAround(questions))
  return { home, results: [where, ...results], repairs }
}

/** The check before all others, which look at what is there. */
function aboutHome(home: string, found: readonly Found[]): Result {
  return { check: { name: 'home', well: `The registry is in ${home}.` }, found }
}

/** Where it is; or why nothing in it is to be looked at. */
function locate(): string | Found {
  try {
    const home = shipyardHome(env)
    const owner = uidOf(home)
    if (process.getuid?.() !== 0 || owner === undefined || owner === 0) return home
    const what = `${home} belongs to user ${owner}, and this is root, whose files that user's servers could not use.`
    return { level: 'problem', what, cure: 'Run it as that user, without sudo. Nothing else was looked at.' }
  } catch (error) {
    if (!(error instanceof WsyardError)) throw error
    const [what = '', ...cure] = error.message.split(/(?<=\.) /)
    return { level: 'problem', what, cure: `${cure.join(' ')} Nothing else was looked at.` }
  }
}

/** Whose a file or directory is, by number; undefined where nothing is there. */
function uidOf(path: string): number | undefined {
  try {
    return statSync(path).uid
  } catch {
    return undefined
  }
}

function defaultHome(): string | undefined {
  try {
    return shipyardHome({})
  } catch {
    return undefined
  }
}

/** A hub that somebody has named is expected to be there. */
function readHub(text: string): NamedHub {
  return { ...readHubAddress(text), isGiven: true }
}

function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && [url.origin, `${url.origin}/`].includes(text))
    return url.origin
  throw new InvalidArgumentError('It must be as https://app.example, without a path.')
}
