/**
 * Windows, and any system that we do not know: a signal 0 is all that can be asked cheaply. It has no zombies; a pid
 * that another process has got passes for the old one until its port is asked.
 */
import { hostname } from 'node:os'
import type { Platform } from './platform.js'

export const windows: Platform = {
  hostId: hostname,
  pidSpace: () => process.platform,
  bootId: () => undefined,
  inspect: () => undefined,
  isListening: () => undefined,
  listenerAt: () => undefined,
  turnover: () => undefined,
}
