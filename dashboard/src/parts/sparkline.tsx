/** The course of a figure, small enough to stand beside it. */
export interface SparklineProps {
  /** The newest last; undefined where there was none. */
  values: readonly (number | undefined)[]
}

/** A few values do not fill the width, or they would seem to be many. */
const fewest = 12

const width = 60
const height = 16

export function Sparkline({ values }: SparklineProps) {
  const known = values.filter((value) => value !== undefined)
  const max = Math.max(...known, 0.1)
  const length = Math.max(fewest, values.length)
  const step = width / (length - 1)
  let path = ''
  let isBroken = true
  for (const [index, value] of values.entries()) {
    if (value !== undefined) {
      const x = ((length - values.length + index) * step).toFixed(1)
      const y = (height - 1 - (value / max) * (height - 2)).toFixed(1)
      path += `${isBroken ? 'M' : 'L'}${x} ${y}`
    }
    isBroken = value === undefined
  }
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  )
}
