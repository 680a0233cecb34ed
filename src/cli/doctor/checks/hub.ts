/**
 * The hub by which pages find the servers: whether one is there, is a hub, and shows this registry.
 */
import { join } from 'node:path'
import { isLoopbackHost, reasonOf, refusalCodes } from '../../../core/index.js'
import { listenerAt } from '../../../registry/index.js'
import { readText } from '../../discover/read-records.js'
import { type Answer, ask } from '../answer.js'
import type { Check, Found } from '../finding.js'
import { describeProcess } from '../processes.js'
import { shellWord } from '../shell-word.js'
import type { Surroundings } from '../surroundings.js'

/** A hub answers from memory. */
const askMs = 5000

export const hub: Check = {
  name: 'hub',
  well: 'A hub answers, and lets this user in.',
  async look(surroundings) {
    const { origin, isGiven, token } = surroundings.hub
    const first = await askHub(origin, token).catch((error: unknown) => reasonOf(error))
    if (typeof first === 'string') return [isGiven ? notThere(origin, first) : noneAlone(origin)]
    if (!isHub(first)) return [notHub(origin)]
    if (first.isSnapshot === true) return []
    if (first.status !== 401) return [refused(origin, first)]
    if (token !== undefined) return [wrongToken(surroundings, 'the token of that link')]
    return withOwnToken(surroundings)
  },
}

/** Tries the token that a hub of this registry would ask for, but shows it to no process of another user. */
async function withOwnToken(surroundings: Surroundings): Promise<Found[]> {
  const { hub, home } = surroundings
  const own = readText(join(home, 'hub.token'))?.trim()
  if (own === undefined || own === '')
    return [wrongToken(surroundings, 'a token, and this registry has none')]
  if (!isOwnProcess(surroundings)) {
    const what = `The hub at ${hub.origin} asks for a token, and the system does not say that it is a process of this user: it was not shown any.`
    return [{ level: 'note', what, cure: 'Name it by the whole link that it printed: --hub <link>.' }]
  }
  const answer = await askHub(hub.origin, own)
  if (answer.isSnapshot === true) return []
  if (answer.status !== 401) return [refused(hub.origin, answer)]
  return [wrongToken(surroundings, 'another token than that of this registry')]
}

function isOwnProcess({ hub, sockets }: Surroundings): boolean {
  const { hostname, port } = new URL(hub.origin)
  if (!isLoopbackHost(hostname.replace(/^\[|\]$/g, ''))) return false
  if (sockets === undefined) return listenerAt(Number(port)) !== undefined
  return sockets.some((socket) => socket.port === Number(port))
}

function askHub(origin: string, token: string | undefined): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return ask(`${origin}/api/registry`, headers, AbortSignal.timeout(askMs))
}

function isHub({ isSnapshot, code = '' }: Answer): boolean {
  return isSnapshot === true || code.startsWith('WSYARD_ERR_') || refusalCodes.some((one) => one === code)
}

function noneAlone(origin: string): Found {
  const what = `No hub runs alone at ${origin}, where it usually is; Vite has its own.`
  return { level: 'note', what, cure: 'wsyard hub, or name yours: --hub http://localhost:5173.' }
}

function notThere(origin: string, why: string): Found {
  const what = `No hub answers at ${origin}: ${why}.`
  return { level: 'problem', what, cure: `Start it: ${startAt(origin)}, or the Vite that has it.` }
}

function notHub(origin: string): Found {
  const { port } = new URL(origin)
  const pid = port === '' ? undefined : listenerAt(Number(port))
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
  return `wsyard hub --port ${new URL(origin).port || '80'}`
}
