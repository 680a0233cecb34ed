/**
 * The token of this user's standalone hub, kept in the registry's directory so that a link to its page stays good when
 * the hub is started anew.
 */
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { Token, tokenPattern } from '../core/index.js'
import { fileInode, readSafely } from './drivers/file/safe-read.js'
import { ensureDirectory, replaceFileIf } from './drivers/file/safe-write.js'
import { newToken } from './tokens.js'

/** Larger files are none of ours. */
const maxBytes = 1024

/**
 * Reads the token, or makes one if there is none, or what is there is not one, or others could read it.
 *
 * @param home the registry's directory, absolute.
 * @throws {WsyardError} `WSYARD_ERR_REGISTRY_UNREADABLE`, `WSYARD_ERR_REGISTRY_UNWRITABLE`, or `WSYARD_ERR_FILE_REFUSED`
 *   for a file that is a link or another user's.
 */
export function hubToken(home: string): Token {
  const path = join(home, 'hub.token')
  ensureDirectory(home, 'shared')
  for (;;) {
    const inode = fileInode(path)
    const text = readSafely(path, maxBytes)?.trim()
    if (text !== undefined && tokenPattern.test(text) && isPrivate(path)) return new Token(text)
    replaceFileIf(path, inode, () => [`${newToken()}\n`])
  }
}

function isPrivate(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats !== undefined && (process.platform === 'win32' || (stats.mode & 0o077) === 0)
}
