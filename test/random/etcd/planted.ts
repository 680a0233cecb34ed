/** What is done to programs of a random run over etcd from within: modules that they load first. */

/** What always happens to the watchers. */
const weather = { 'watcher.js': 'etcd/planted/breaks-watches.js' }

/** Modules with a defect, by the programs that load them. */
const planted = {
  'renews nothing': { 'worker.js': 'etcd/planted/renews-nothing.js' },
  'resumes late': { 'watcher.js': 'etcd/planted/resumes-late.js' },
} as const

export type EtcdDefect = keyof typeof planted

export function isEtcdDefect(name: string): name is EtcdDefect {
  return Object.hasOwn(planted, name)
}

/** The modules, by programs. */
export function plantedFor(defect: EtcdDefect | undefined): Readonly<Record<string, string>> {
  return { ...weather, ...(defect !== undefined && planted[defect]) }
}
