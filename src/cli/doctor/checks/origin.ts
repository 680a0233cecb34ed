/**
 * Whether a page of some origin may come in, at the hub and at each server that it could reach without one. Who refuses it names the option
 * that would let it in.
 */
import { type Entry, pathOf } from '../../../core/index.js'
import { isOfThisMachine, reach } from '../../../registry/index.js'
import { describeServer } from '../../text/describe-server.js'
import { type Answer, ask } from '../answer.js'
import { askForSocket } from '../ask-for-socket.js'
import type { Check, Found } from '../finding.js'

/** Both answer at once. */
const askMs = 5000

/** How many servers are asked. */
const maxServers = 64

/** The id of no server: what is refused to a page is refused before one is looked for. */
const nobody = '-'

export const origin: Check = {
  name: 'origin',
  well: 'Pages of that origin may come in.',
  needsEntries: true,
  async look({ origin: page, hub, entries }) {
    if (page === undefined) return undefined
    const atHub = await askHub(hub.origin, page)
    const found = atHub === 'lets it in' || atHub === 'absent' ? [] : [refusedByHub(hub.origin, page, atHub)]
    // A page reaches servers that ask for a token through the hub alone.
    const near = entries.filter((entry) => entry.token === undefined && isOfThisMachine(entry))
    if (atHub === 'absent' && near.length === 0) return undefined
    const answers = await Promise.all(
      near.slice(0, maxServers).map(async (entry) => [entry, await askServer(entry, page)] as const),
    )
    const refusing = answers.filter(([, answer]) => answer !== undefined && answer.status >= 400)
    const level = atHub === 'lets it in' ? 'note' : 'problem'
    return [...found, ...refusing.map(([entry, answer]) => refusedByServer(entry, page, answer, level))]
  },
}

/** Asks what only those may that may use the relay. Origins are judged before tokens. */
async function askHub(hub: string, page: string): Promise<Answer | 'lets it in' | 'absent'> {
  try {
    const url = `${hub}/api/registry?probe=${nobody}`
    const answer = await ask(url, { origin: page }, AbortSignal.timeout(askMs))
    return answer.status === 403 ? answer : 'lets it in'
  } catch {
    return 'absent'
  }
}

/** Undefined when it does not answer, which is another check's. */
async function askServer(entry: Entry, page: string): Promise<Answer | undefined> {
  const signal = AbortSignal.timeout(askMs)
  try {
    const reached = await reach(entry, signal)
    if (reached === undefined) return undefined
    const { socket, authority } = reached
    return await askForSocket({ socket, authority, path: pathOf(entry, ''), origin: page }, signal)
  } catch {
    return undefined
  }
}

function refusedByHub(hub: string, page: string, { code = '', message }: Answer): Found {
  return {
    level: 'problem',
    what: `The hub at ${hub} lets no page of ${page} in: 403 ${code}`.trim().concat('.'),
    cure: message ?? `Allow ${page} there.`,
  }
}

function refusedByServer(
  entry: Entry,
  page: string,
  answer: Answer | undefined,
  level: Found['level'],
): Found {
  const { status = 0, code = '', message } = answer ?? {}
  const through = level === 'note' ? ' Pages reach it through the hub.' : ''
  return {
    level,
    what: `The server ${describeServer(entry)} lets no page of ${page} in: ${`${status} ${code}`.trim()}.${through}`,
    cure: message ?? `Allow ${page} there, or have the page connect through a hub.`,
  }
}
