/**
 * Follows the registry as a hub does and prints each thing that it hears as a line of JSON, with the time that its
 * clock shows.
 */
import { openRegistry } from 'wsyard/registry'

/** @param {object} line */
const print = (line) => console.log(JSON.stringify({ ...line, clock: new Date().toISOString() }))

/**
 * @param {string} type
 * @param {Error} error
 */
const complain = (type, error) =>
  print({ type, code: 'code' in error ? error.code : error.name, message: error.message })

openRegistry({ onWarning: (warning) => complain('warning', warning) }).watch(print, {
  onProblem: (problem) => problem !== undefined && complain('problem', problem),
})
