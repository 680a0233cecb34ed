/**
 * The hub by which pages find the servers: whether one is there, is a hub, and shows this registry.
 */
import { join } from 'node:path'
import { reasonOf, refusalCodes } from '../../../core/index.js'
import { listenerAt } from '../../../registry/index.js'
import { readText } from '../../discover/read-records.js'
import { type Answer, ask } from '../answer.js'
import type { Check, Found } from '../finding.js'
import { askOwnProcess, portOf } from '../own-process.js'
import { describeProcess } from '../processes.js'
import { shellWord } from '../shell-word.js'
import type { Surroundings } from '../surroundings.js'

/** A hub answers from memory. */
const askMs = 5000

export const hub: Check = {
  name: 'hub',
  well: 'A hub answers, and lets this user in.',
  async look(surroundings) {
    const { origin, token } = surroundings.hub
    const signal = AbortSignal.timeout(askMs)
    let first: Answer
    try {
      first = await ask(`${origin}${path}`, authorization(token), signal)
    } catch (error) {
      return [signal.aborted ? silent(origin) : unanswered(surroundings.hub, error)]
    }
    if (!isHub(first)) return [notHub(origin)]
    if (first.isSnapshot === true) return []
    if (first.status !== 401) return [refused(origin, first)]
    if (token !== undefined) return [wrongToken(surroundings, 'the token of that link')]
    return withOwnToken(surroundings)
  },
}

const path = '/api/registry'

function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** Tries the token that a hub of this registry would ask for, but shows it to no process of another user. */
async function withOwnToken(surroundings: Surroundings): Promise<Found[]> {
  const { hub, home, sockets } = surroundings
  const own = readText(join(home, 'hub.token'))?.trim()
  if (own === undefined || own === '')
    return [wrongToken(surroundings, 'a token, and this registry has none')]
  const signal = AbortSignal.timeout(askMs)
  const answer = await askOwnProcess(hub.origin, path, authorization(own), sockets ?? [], signal)
  if (answer === undefined) {
    const what = `The hub at ${hub.origin} asks for a token, and the system does not say that it is a process of this user: it was not shown any.`
    return [{ level: 'note', what, cure: 'Name it by the whole link that it printed: --hub <link>.' }]
  }
  if (answer.isSnapshot === true) return []
  if (answer.status !== 401) return [refused(hub.origin, answer)]
  return [wrongToken(surroundings, 'another token than that of this registry')]
}

function isHub({ isSnapshot, code = '' }: Answer): boolean {
  return isSnapshot === true || code.startsWith('WSYARD_ERR_') || refusalCodes.some((one) => one === code)
}

/** Nothing listens there, something does that speaks no HTTP, or the way there fails. */
function unanswered({ origin, isGiven }: Surroundings['hub'], error: unknown): Found {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^(?:HPE_|ECONNRESET|EPIPE|EPROTO|ERR_SSL_)/.test(code)) return notHub(origin)
  if (code !== 'ECONNREFUSED' || isGiven) {
    const what = `No hub answers at ${origin}: ${reasonOf(error)}.`
    return { level: 'problem', what, cure: `Start it: ${startAt(origin)}, or the Vite that has it.` }
  }
  const what = `No hub runs alone at ${origin}, where it usually is; Vite has its own.`
  return { level: 'note', what, cure: 'wsyard hub, or name yours: --hub http://localhost:5173.' }
}

function silent(origin: string): Found {
  const pid = listenerAt(portOf(origin))
  const who = pid === undefined ? 'Something' : capitalized(describeProcess(pid))
  const cure =
    pid === undefined
      ? `Start it anew: ${startAt(origin)}.`
      : `If it was stopped, as by Ctrl+Z, continue it: kill -CONT ${pid}. Else end it, and start the hub anew: ${startAt(origin)}.`
  const what = `${who} listens at ${origin}, and has not answered within ${askMs / 1000} s.`
  return { level: 'problem', what, cure }
}

function notHub(origin: string): Found {
  const pid = listenerAt(portOf(origin))
  const whose = pid === undefined ? 'Another program' : `Another program, ${describeProcess(pid)},`
  return {
    level: 'problem',
    what: `${whose} answers at ${origin}, which is no hub of wsyard.`,
    cure: 'Stop it, or start the hub at another port and name it: wsyard hub --port 0, and --hub with the link that it prints.',
  }
}

function refused(origin: string, { status, code, message = '' }: Answer): Found {
  return { level: 'problem', what: `The hub at ${origin} answers with ${status} ${code}.`, cure: message }
}

function wrongToken({ hub, home }: Surroundings, what: string): Found {
  return {
    level: 'problem',
    what: `The hub at ${hub.origin} does not show the registry in ${home}: it asks for ${what}.`,
    cure: `Stop it, and start it where that is the registry: SHIPYARD_HOME=${shellWord(home)} ${startAt(hub.origin)}. Or set SHIPYARD_HOME to the registry that it shows.`,
  }
}

function startAt(origin: string): string {
  return `wsyard hub --port ${portOf(origin)}`
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
