/** All cases, by topic. */
import type { Case } from '../observe.js'
import { binaryType } from './binary-type.js'
import { bufferedAmount } from './buffered-amount.js'
import { closeArguments } from './close-arguments.js'
import { closing } from './closing.js'
import { constructing } from './constructing.js'
import { events } from './events.js'
import { failing } from './failing.js'
import { handlers } from './handlers.js'
import { listeners } from './listeners.js'
import { protocols } from './protocols.js'
import { receiving } from './receiving.js'
import { sending } from './sending.js'
import { shape } from './shape.js'

export const cases: Readonly<Record<string, readonly Case[]>> = {
  constructing,
  protocols,
  shape,
  events,
  handlers,
  listeners,
  'binary type': binaryType,
  sending,
  'buffered amount': bufferedAmount,
  receiving,
  'close arguments': closeArguments,
  closing,
  failing,
}

export const allCases: readonly Case[] = Object.values(cases).flat()
