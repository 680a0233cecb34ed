/**
 * Has what a schedule says happen when it says it. What concerns a server is the same in every random run.
 */
import { setTimeout } from 'node:timers/promises'
import type { Company } from './company.js'
import type { Action } from './schedule.js'

type OfServers = Extract<Action, { readonly process: string }>

const signals = { kill: 'SIGKILL', end: 'SIGTERM', stop: 'SIGSTOP', continue: 'SIGCONT' } as const

/**
 * Resolves when all has been begun.
 *
 * @param begin what concerns no server
 */
export async function direct(
  actions: readonly Action[],
  company: Company,
  begin: (action: Exclude<Action, OfServers>) => void,
): Promise<void> {
  const start = performance.now()
  for (const action of actions) {
    const left = action.atMs - (performance.now() - start)
    if (left > 0) await setTimeout(left)
    switch (action.do) {
      case 'start':
        void company.startWorker(action.process)
        break
      case 'kill':
      case 'end':
      case 'stop':
      case 'continue':
        company.signal(action.process, signals[action.do])
        break
      case 'register':
      case 'deregister':
      case 'list':
        company.tell(action.process, action)
        break
      default:
        begin(action)
    }
  }
}
