/** The one clock that all records of a random run go by, in nanoseconds. */
export const now = (): number => Number(process.hrtime.bigint())

export const millisecond = 1e6
export const second = 1e9
