/** Plants a defect in the program that loads this first: a watch that is opened again begins some revisions too late. */
import { ClientRequest } from 'node:http'
import './breaks-watches.js'

/** What is skipped, of the store, most of which are the probe's. */
const revisions = 50

const { write } = ClientRequest.prototype
let watches = 0

/** @param {[unknown, ...unknown[]]} given */
ClientRequest.prototype.write = function (...given) {
  const [chunk, ...rest] = given
  const begin = /"start_revision":"(\d+)"/.exec(String(chunk))
  if (begin === null) return Reflect.apply(write, this, given)
  watches += 1
  const late = String(chunk).replace(begin[0], `"start_revision":"${Number(begin[1]) + revisions}"`)
  return Reflect.apply(write, this, [watches === 1 ? chunk : late, ...rest])
}
