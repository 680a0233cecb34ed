/**
 * What can be done with a key, from wherever one is on the page.
 */
import { remembered } from '../parts/remembered.js'

export const shortcuts = [
  ['1', 'cards', 'Servers as cards'],
  ['2', 'table', 'Servers as a table'],
  ['3', 'timeline', 'The timeline'],
  ['/', 'filter-servers', 'Filter servers'],
  ['f', 'filter-messages', 'Filter messages'],
  ['m', 'write', 'Write a message'],
  ['p', 'pause', 'Pause or resume the messages'],
  ['n', 'newest', 'Jump to the newest message'],
  ['x', 'clear', 'Clear the messages'],
  ['t', 'theme', 'Light or dark'],
  ['Escape', 'close', 'Close the message or the panel'],
  ['?', 'help', 'This help'],
] as const

export type Command = (typeof shortcuts)[number][1]

/** Whether a key alone is a command; those who speak to their computer may not want that. */
export const hasShortcuts = remembered(
  'shortcuts',
  true,
  (kept): kept is boolean => typeof kept === 'boolean',
)

const listeners = new Map<Command, Set<() => void>>()

/** Returns its undo. */
export function onCommand(command: Command, run: () => void): () => void {
  const set = listeners.get(command) ?? new Set()
  listeners.set(command, set)
  set.add(run)
  return () => {
    set.delete(run)
  }
}

export function give(command: Command): void {
  for (const run of listeners.get(command) ?? []) run()
}

/**
 * Where keys are text, or the browser's own. In a box to tick no letter is written. A dialog that was just
 * closed holds the focus until the page is drawn again.
 */
const written = 'input:not([type=checkbox], [type=radio]), textarea, select, dialog[open]'

/** Listens to the keyboard. Returns its undo. */
export function listenToKeys(target: Document): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!hasShortcuts.value || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
      return
    if (event.target instanceof Element && event.target.closest(written)) return
    const found = shortcuts.find(([key]) => key === event.key)
    if (found === undefined) return
    event.preventDefault()
    give(found[1])
  }
  target.addEventListener('keydown', onKeyDown)
  return () => target.removeEventListener('keydown', onKeyDown)
}
