/**
 * Where Chrome and its relatives keep what belongs to a user, unless they are told otherwise: `docs/user_data_dir.md` of Chromium, and the same
 * place under their own names for those that are made of it.
 */
import { join } from 'node:path'
import type { Surroundings } from './discovered.js'

/** Behind `~/.config`, or what stands for it. */
const linux = [
  'google-chrome',
  'google-chrome-beta',
  'google-chrome-unstable',
  'google-chrome-canary',
  'google-chrome-for-testing',
  'chromium',
  'microsoft-edge',
  'BraveSoftware/Brave-Browser',
  'vivaldi',
]

/** Behind the home directory: what comes in a box of its own (Snap, Flatpak). */
const boxed = [
  'snap/chromium/common/chromium',
  '.var/app/com.google.Chrome/config/google-chrome',
  '.var/app/org.chromium.Chromium/config/chromium',
]

/** Behind `~/Library/Application Support`, and on Windows behind the local application data, each with `User Data` below. */
const elsewhere = [
  'Google/Chrome',
  'Google/Chrome Beta',
  'Google/Chrome Dev',
  'Google/Chrome for Testing',
  'Chromium',
  'BraveSoftware/Brave-Browser',
  'Vivaldi',
]

export function profilesOf({ home, env, platform }: Surroundings): string[] {
  const below = (root: string, names: readonly string[]): string[] => names.map((name) => join(root, name))
  if (platform === 'darwin') {
    const support = join(home, 'Library', 'Application Support')
    return below(support, [...elsewhere, 'Google/Chrome Canary', 'Microsoft Edge'])
  }
  if (platform === 'win32') {
    const local = env.LOCALAPPDATA || join(home, 'AppData', 'Local')
    return below(local, [...elsewhere, 'Google/Chrome SxS', 'Microsoft/Edge']).map((path) =>
      join(path, 'User Data'),
    )
  }
  const config = env.CHROME_CONFIG_HOME || env.XDG_CONFIG_HOME || join(home, '.config')
  return [...below(config, linux), ...below(home, boxed)]
}
