/** Numbers that look random and are the same for the same seed, on every machine: the generator mulberry32. */

export interface SeededRandom {
  /** From 0 up to 1, without 1. */
  next(): number
  /** A whole number from 0 up to a limit, without it. */
  below(limit: number): number
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    pick(list) {
      const [first] = list
      if (first === undefined) throw new RangeError('there is nothing to pick from in an empty list')
      return list[below(list.length)] ?? first
    },
  }
}
