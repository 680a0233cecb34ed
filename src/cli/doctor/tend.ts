/**
 * Lets the registry mend itself, as it does wherever there is a hub: whoever watches it sets a broken index aside and makes it anew.
 */
import { WsyardError } from '../../core/index.js'
import { openRegistry } from '../../registry/index.js'
import { until } from './until.js'

/** A hub acts within a second on a disk whose changes nobody tells it of. */
const patienceMs = 5000

/**
 * Watches the registry until it is in order. Resolves to what it said meanwhile.
 *
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNWRITABLE` when it is not in time.
 */
export async function tend(home: string, isInOrder: () => boolean): Promise<readonly WsyardError[]> {
  const warnings: WsyardError[] = []
  await using registry = openRegistry({ home, onWarning: (warning) => warnings.push(warning) })
  const stop = registry.watch(() => {}, { onProblem: (problem) => warnings.push(...ours(problem)) })
  const isDone = await until(isInOrder, patienceMs)
  stop()
  if (isDone) return warnings
  const why = warnings.at(-1)?.message ?? 'Another program may be writing it.'
  const message = `The registry in ${home} was not in order after ${patienceMs / 1000} s. ${why}`
  throw new WsyardError('WSYARD_ERR_REGISTRY_UNWRITABLE', message, { path: home })
}

function ours(problem: Error | undefined): WsyardError[] {
  return problem instanceof WsyardError ? [problem] : []
}
