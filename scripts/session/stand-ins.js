/**
 * What a command prints, with all that differs from run to run (ids, ports, pids, ages, times, tokens, paths) replaced by what looks the
 * same, so that two runs print one text. Tables stay lined up.
 */

/** A style that begins or ends, if one does there. */
const style = '(?:\\x1b\\[\\d+m)?'

/** What a table has between two cells. */
const gap = '( {2,})'

const age = '(?:\\d+ (?:s|min)(?: ago)?|-)'

/** A cell with a port, which all have five digits here, and behind it one with a pid. */
const portCell = new RegExp(
  `(?<= {2}${style})\\d+(?=${style} {2,}${style}\\d+${style} {2,}${style}${age})`,
  'g',
)

/** A cell with a pid, and behind it one with an age. */
const pidAndAgeCells = new RegExp(
  `(?<= {2}${style})(\\d+)(${style})${gap}(${style})(${age})(${style})${gap}`,
  'g',
)

/** What stands above those two. */
const pidAndAgeHeadings = new RegExp(`(PID${style})${gap}(${style}UP${style})${gap}`)

/** Wide enough for each pid that stands in for another. */
const pidWidth = 5

/**
 * A function that replaces in one text after the other: what is the same in them stays the same.
 *
 * @param {Readonly<Record<string, string>>} texts what else is replaced, by what
 * @returns {(text: string) => string}
 */
export function createStandIns(texts = {}) {
  const port = createSeries((count) => String(40_000 + ((1873 + count * 7919) % 20_000)))
  const pid = createSeries((count) => String(48_211 + count * 7))
  const id = createSeries(
    (count) => `server-${1_767_462_123_456 + count * 2_003}-${`k3x9q${count}`.slice(-6)}`,
  )

  return (text) => {
    let fixed = text
    for (const [real, shown] of Object.entries(texts)) fixed = fixed.replaceAll(real, shown)
    return lineUp(fixed.replace(portCell, port), pid)
      .replace(/server-\d{13}-[a-z0-9]{6}/g, id)
      .replace(/(?<=(?:\b|\dm)port |"port": ?|127\.0\.0\.1:|\[::1\]:|localhost:)[1-9]\d*/g, port)
      .replace(/(?<=(?:\b|\dm)(?:process|pid|kill -9) |"pid": ?)\d+/gi, pid)
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '2026-01-03T17:42:03.456Z')
      .replace(/(?<=^|\dm)\d\d:\d\d:\d\d(?!\w)/gm, '17:42:03')
      .replace(/(?<="instance": ?")[0-9a-f]{32}/g, '0123456789abcdef'.repeat(2))
      .replace(/(?<="epoch": ?")[0-9a-f]{16}/g, '0123456789abcdef')
      .replace(/(?<![\w-])[\w-]{43}(?![\w-])/g, 'here-a-token-of-43-characters-stood-earlier')
  }
}

/**
 * Gives each value that comes for the first time the next one of a series, and that again when it comes again.
 *
 * @param {(count: number) => string} make
 * @returns {(value: string) => string}
 */
function createSeries(make) {
  /** @type {Map<string, string>} */
  const known = new Map()
  return (value) => {
    const found = known.get(value) ?? make(known.size)
    known.set(value, found)
    return found
  }
}

/**
 * Replaces pids and ages in a table, and pads them as the command does.
 *
 * @param {string} text
 * @param {(pid: string) => string} pid
 */
function lineUp(text, pid) {
  const ages = text.includes(' ago') ? '2 s ago'.length : '8 s'.length
  const ageOf = (/** @type {string} */ shown) => {
    if (shown === '-') return shown
    return shown.endsWith('ago') ? '2 s ago' : '8 s'
  }
  return text
    .replace(pidAndAgeHeadings, (_, pidHeading, _gap, upHeading) => {
      return `${pidHeading}${' '.repeat(pidWidth - 'PID'.length + 2)}${upHeading}${' '.repeat(ages - 'UP'.length + 2)}`
    })
    .replace(pidAndAgeCells, (_, number, end, _gap, begin, shown, ageEnd) => {
      const fixed = ageOf(shown)
      return `${pid(number)}${end}  ${begin}${fixed}${ageEnd}${' '.repeat(ages - fixed.length + 2)}`
    })
}
