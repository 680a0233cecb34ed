/**
 * What browsers do before a page from elsewhere may reach this machine. Nothing here can look: it is told to who asks for such a page.
 */
import { isLoopbackOrigin } from '../../../core/index.js'
import type { Check } from '../finding.js'

export const browser: Check = {
  name: 'browser',
  well: 'No browser has to ask before a page reaches this machine.',
  async look({ origin, hub }) {
    if (origin === undefined || !origin.startsWith('https:') || isLoopbackOrigin(origin)) return undefined
    return [
      {
        level: 'note',
        what: `For a page of ${origin} browsers decide: Chrome asks its user for "loopback-network", and Safari forbids it.`,
        cure: `Open the page through the hub, at ${hub.origin}, or call requestAccess() of the client from a click (docs/recipes/https-pages.md).`,
      },
    ]
  },
}
