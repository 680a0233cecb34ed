/**
 * Follows one directory by `fs.watch`. On the directory, not on a file in it: a watch on a file goes deaf when the
 * file is replaced.
 */
import { type FSWatcher, watch } from 'node:fs'
import { basename } from 'node:path'
import { fileInode } from './safe-read.js'

export interface DirectoryWatch {
  /** Starts, or starts again if the directory is not the one that was being watched. Returns whether it is watched. */
  ensure(): boolean
  close(): void
}

/**
 * @param onName hears the name of what changed in the directory, or undefined when the system did not say what. Names
 *   with a leading dot are passed over, but for the directory's own.
 */
export function createDirectoryWatch(
  path: string,
  onName: (name: string | undefined) => void,
): DirectoryWatch {
  const ownName = basename(path)
  let watcher: FSWatcher | undefined
  let inode: bigint | undefined

  const close = (): void => {
    watcher?.close()
    watcher = undefined
    inode = undefined
  }
  const ensure = (): boolean => {
    const present = fileInode(path)
    if (watcher !== undefined && present === inode) return true
    close()
    if (present === undefined) return false
    try {
      watcher = watch(path, (_event, name) => {
        if (name === ownName) {
          close() // it may have been removed, and its successor may have the same inode
          onName(undefined)
        } else if (!name?.startsWith('.')) onName(name ?? undefined) // else one of the temporaries, of which there are many
      })
    } catch {
      return false // no inotify instance left, or a file system without it: polling serves
    }
    inode = present
    watcher.on('error', () => {
      close()
      onName(undefined)
    })
    return true
  }
  return { ensure, close }
}
