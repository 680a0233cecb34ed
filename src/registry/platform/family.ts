/**
 * Which processes a command has brought forth: those of its session, and those below them, whatever sessions they have made for themselves.
 * Functions of what a platform lists.
 */

/** One process of a listing. */
export interface Listed {
  readonly pid: number
  readonly parent: number
  /** Its session, or its process group where the platform does not say. */
  readonly session: number
  readonly isZombie: boolean
}

/**
 * Those of some sessions, and those below them. In the order of the listing, without zombies.
 *
 * @param sessions by the pids of those that have made them: the processes may have ended, and the pids be those of others by now, but not
 *   the numbers of other sessions as long as anybody is in them
 */
export function familyIn(processes: readonly Listed[], sessions: readonly number[]): Listed[] {
  const children = new Map<number, Listed[]>()
  for (const one of processes) {
    const siblings = children.get(one.parent)
    if (siblings === undefined) children.set(one.parent, [one])
    else siblings.push(one)
  }
  const family = new Set(processes.filter(({ session }) => sessions.includes(session)))
  for (const { pid } of family) for (const child of children.get(pid) ?? []) family.add(child)
  return processes.filter((one) => family.has(one) && !one.isZombie)
}

/** What is known of a command before another look at it. */
export interface Known {
  /** The session of the command first. */
  readonly sessions: readonly number[]
  /** Whether it has been told to end: then parents may be gone before their children, and a session is known until nobody is in it. */
  readonly isEnding: boolean
}

/** The sessions in which a command has processes, after another look. One that has left it is none of its own any more. */
export function sessionsIn(
  processes: readonly Listed[],
  leader: number,
  { sessions, isEnding }: Known,
): readonly number[] {
  const family = familyIn(processes, [leader])
  const isOver = isEnding || !family.some(({ pid, session }) => pid === leader && session === leader)
  const kept = isOver ? processes.map(({ session }) => session).filter((one) => sessions.includes(one)) : []
  return [...new Set([leader, ...family.map(({ session }) => session), ...kept])]
}
