/** The page in which cases run, on whichever class is asked for: the browser's own, or ours by one of its two ways. */
import { createClient } from 'wsyard/client'
import { allCases } from '../cases/index.js'
import { type Heard, patienceMs, type Subject } from '../observe.js'
import type { SubjectName } from '../subjects.js'

declare global {
  interface Window {
    /** Runs a case and returns what it has observed, or in words what kept it from that. */
    runCase: (name: SubjectName, title: string, origin: string) => Promise<unknown>
  }
}

async function ownClass(transport: 'direct' | 'relay'): Promise<typeof WebSocket> {
  const client = createClient({ transport })
  await new Promise<void>((resolve, reject) => {
    client.on('added', () => resolve())
    setTimeout(reject, patienceMs, new Error('The hub has told of no server.'))
  })
  return client.webSocketFor('conformance')
}

const makers: Record<SubjectName, () => Promise<typeof WebSocket>> = {
  native: async () => WebSocket,
  direct: () => ownClass('direct'),
  relay: () => ownClass('relay'),
}

const classes = new Map<SubjectName, Promise<typeof WebSocket>>()

/** @param origin of the server, as `http://127.0.0.1:8080` */
async function subjectOf(name: SubjectName, origin: string): Promise<Subject> {
  const made = classes.get(name) ?? makers[name]()
  classes.set(name, made)
  return {
    WebSocket: await made,
    at: (path) => origin.replace('http', 'ws') + path,
    named: (url) =>
      url
        .replace(new URL(origin).host, 'server')
        .replace(location.host, 'page')
        .replace(/(\/api\/registry\/)[^/?]+/, '$1id'),
    async heard(path) {
      const response = await fetch(`${origin}/heard${path}`, { signal: AbortSignal.timeout(patienceMs) })
      return (await response.json()) as Heard
    },
  }
}

window.runCase = async (name, title, origin) => {
  try {
    const found = allCases.find((one) => one.title === title)
    return found ? await found.run(await subjectOf(name, origin)) : `There is no case "${title}".`
  } catch (error) {
    return `${error}`
  }
}
