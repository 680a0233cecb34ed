/**
 * All checks, in the order in which they are told and repaired: what later ones look at is in order by then.
 */
import type { Check } from '../finding.js'
import { addresses } from './addresses.js'
import { browser } from './browser.js'
import { elsewhere } from './elsewhere.js'
import { entryFiles } from './entry-files.js'
import { etcd } from './etcd.js'
import { exited } from './exited.js'
import { exposed } from './exposed.js'
import { hub } from './hub.js'
import { indexFile } from './index-file.js'
import { modes } from './modes.js'
import { origin } from './origin.js'
import { shared } from './shared.js'
import { unregistered } from './unregistered.js'

export const checks: readonly Check[] = [
  elsewhere,
  modes,
  indexFile,
  entryFiles,
  exited,
  unregistered,
  addresses,
  exposed,
  hub,
  origin,
  shared,
  etcd,
  browser,
]
