/** The hub of a random run: follows the registry, sees to the disk, and tells its parent every event with its time. */
import { openRegistry } from 'wsyard/registry'

const now = () => Number(process.hrtime.bigint())
const registry = openRegistry({
  onWarning: ({ code, message }) => process.send?.({ at: now(), warning: code, message }),
})
registry.watch((event) => process.send?.({ at: now(), event }), {
  onProblem: (problem) => process.send?.({ at: now(), problem: problem?.message }),
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: 'watcher' })
