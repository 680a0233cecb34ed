/** An object of which the undefined properties have been left out. */
export type Defined<T extends object> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Leaves undefined properties out, so that none is written as `null`, counted as a difference, or taken for given. */
export function defined<T extends object>(fields: T): Defined<T> {
  const present: Partial<T> = {}
  for (const key in fields) if (fields[key] !== undefined) present[key] = fields[key]
  return present as Defined<T>
}
