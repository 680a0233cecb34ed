/**
 * Which processes a command has brought forth: those of its session, and those below it. A function of what a platform lists.
 */

/** One process of a listing. */
export interface Listed {
  readonly pid: number
  readonly parent: number
  /** Its process group. */
  readonly group: number
  /** Its session, or again its group where the platform does not say. */
  readonly session: number
  readonly isZombie: boolean
}

/**
 * Those of the session that `leader` leads, or led before it ended, and those below `leader`, whatever sessions they have made for
 * themselves. In the order of the listing, without zombies.
 */
export function familyIn(processes: readonly Listed[], leader: number): Listed[] {
  const children = new Map<number, Listed[]>()
  for (const one of processes) {
    const siblings = children.get(one.parent)
    if (siblings === undefined) children.set(one.parent, [one])
    else siblings.push(one)
  }
  const family = new Set(processes.filter(({ pid, session }) => pid === leader || session === leader))
  for (const { pid } of family) for (const child of children.get(pid) ?? []) family.add(child)
  return processes.filter((one) => family.has(one) && !one.isZombie)
}
