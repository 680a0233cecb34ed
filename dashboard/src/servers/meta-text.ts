import type { ClientServer } from 'wsyard/client'

/** What an application says of its server, in a line: `role: agent, limits: {"depth":3}`. */
export function metaText(meta: ClientServer['meta'] = {}): string {
  return Object.entries(meta)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
