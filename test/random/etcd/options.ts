/** What a random run over etcd takes beside what it is given. */
import { pidNamespace } from '../../support/namespaces.js'
import type { Skippable } from '../../support/tools.js'
import { type EtcdDefect, isEtcdDefect } from './planted.js'
import type { EtcdPlayOptions } from './play.js'

export interface EtcdRunOptions
  extends Pick<EtcdPlayOptions, 'seed' | 'seconds' | 'processes' | 'members' | 'onProgress'> {
  readonly defect?: string | undefined
}

/** Seconds for which a lease holds, in a short run: so that some run out. */
const shortTtl = 3
const longTtl = 5
const longSeconds = 30

const quietMs = 30_000

/** @param context is told to skip where nobody may be on another machine. */
export function etcdOptions({ defect, ...options }: EtcdRunOptions, context: Skippable): EtcdPlayOptions {
  return {
    ...options,
    // On another machine is whoever sees other pids. What it sees of the network is the same.
    elsewhere: pidNamespace(context),
    ttl: options.seconds < longSeconds ? shortTtl : longTtl,
    subscribers: Math.min(40, options.processes),
    quietMs,
    defect: defect === undefined ? undefined : checked(defect),
  }
}

function checked(defect: string): EtcdDefect {
  if (isEtcdDefect(defect)) return defect
  throw new TypeError(
    `There is no defect "${defect}" of a registry in etcd. Choose "renews nothing" or "resumes late".`,
  )
}
