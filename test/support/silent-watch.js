/**
 * Preloaded by `node --import`: makes `fs.watch` what it is on a network file system, one that never speaks; with
 * WATCH_FAILS set one that cannot be had at all.
 */
import { EventEmitter } from 'node:events'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const fails = process.env.WATCH_FAILS !== undefined
const silent = Object.assign(new EventEmitter(), { close() {}, ref() {}, unref() {} })

Object.assign(fs, {
  /** @param {string} path */
  watch(path) {
    console.error(`fs.watch ${fails ? 'fails' : 'is silent'} on ${path}`)
    if (fails) throw Object.assign(new Error('watch ENOSPC'), { code: 'ENOSPC' })
    return silent
  },
})
syncBuiltinESMExports()
