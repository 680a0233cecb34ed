/**
 * Linux: how addresses stand in the kernel's tables of sockets, `/proc/net/tcp` and `tcp6`.
 */

export type Table = 'tcp' | 'tcp6'

/** An address as it stands in each table that may have it: one of IPv4 is in the other table that of a socket for both kinds. */
export function formsOf(address: string): ReadonlyMap<Table, string> {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (plain.includes(':')) return new Map([['tcp6', wordsOf(bytesOfV6(plain))]])
  const bytes = plain.split('.').map(Number)
  return new Map([
    ['tcp', wordsOf(bytes)],
    ['tcp6', wordsOf([...new Array(10).fill(0), 255, 255, ...bytes])],
  ])
}

/** A port as it stands behind an address. */
export function portText(port: number): string {
  return hex(port, 4)
}

/** Without the zone that may stand behind it. */
function bytesOfV6(address: string): number[] {
  const [head = '', tail] = address.replace(/%.*/, '').split('::')
  const [first, last] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean)) as [
    string[],
    string[],
  ]
  const zeros = new Array(Math.max(8 - first.length - last.length, 0)).fill('0')
  return [...first, ...zeros, ...last].flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}

/** Words of four bytes, in the byte order of the machine. */
function wordsOf(bytes: readonly number[]): string {
  return [...new Uint32Array(Uint8Array.from(bytes).buffer)].map((word) => hex(word, 8)).join('')
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}
