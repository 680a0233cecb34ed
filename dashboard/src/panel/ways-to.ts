/**
 * How a server is reached from outside of this page.
 */
import { labelOf, type ShownServer } from '../model/shown-servers.js'

/** What any WebSocket library takes. By name where it has one, so that it holds after a restart. */
export function relayUrl(server: ShownServer): string {
  return `${location.origin.replace('http', 'ws')}/api/registry/${encodeURIComponent(labelOf(server))}`
}

/** The command that speaks with it in a terminal. */
export function connectCommand(server: ShownServer): string {
  return `npx wsyard connect ${quoted(labelOf(server))}`
}

/** A word for a shell, whatever it is. */
function quoted(word: string): string {
  return /^[\w.-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
