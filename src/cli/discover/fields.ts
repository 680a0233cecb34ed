/**
 * Takes single values out of what some other program has written: each is of the kind that is asked for, or undefined. Pure.
 */

/** More than any name or path that means something has. */
const maxTextLength = 4096

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxTextLength ? value : undefined
}

/** A TCP port, given as a number or in digits. */
export function portOf(value: unknown): number | undefined {
  const port = wholeNumber(value)
  return port !== undefined && port <= 65_535 ? port : undefined
}

/** A process id, given as a number or in digits. */
export function pidOf(value: unknown): number | undefined {
  const pid = wholeNumber(value)
  return pid !== undefined && pid < 2 ** 31 ? pid : undefined
}

/** A moment, given in milliseconds since 1970 or in ISO 8601, as the latter in UTC. */
export function momentOf(value: unknown): string | undefined {
  const isMoment = typeof value === 'number' || (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value))
  const date = isMoment ? new Date(value) : undefined
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** The parts of an address that may be shown: a token may stand in any of the others. */
export function plainUrlOf(value: unknown): { readonly url: string; readonly host: string } | undefined {
  const text = textOf(value)
  if (text === undefined || !URL.canParse(text)) return undefined
  const { protocol, host, hostname, pathname } = new URL(text)
  if (!/^(?:https?|wss?):$/.test(protocol)) return undefined
  return { url: `${protocol}//${host}${pathname}`, host: hostname.replace(/^\[(.*)\]$/, '$1') }
}

/** Greater than zero. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined
}
