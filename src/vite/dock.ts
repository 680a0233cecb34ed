/**
 * The dashboard as a dock of Vite DevTools, where those are installed. Their kit is not needed for it: this says as much of it as is
 * used.
 */
import { dashboardPath } from '../hub/index.js'

/** What a plugin for `@vitejs/devtools` has besides. */
export interface DevToolsPlugin {
  readonly devtools?: { setup(context: DevToolsContext): void } | undefined
}

interface DevToolsContext {
  readonly viteConfig: { readonly base: string }
  readonly docks: {
    register(dock: { id: string; title: string; icon: string; type: 'iframe'; url: string }): unknown
  }
}

/** The sign of the dashboard: three servers around a hub. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0f9488" stroke-width="2"><path d="M12 13V6m0 7-6 4m6-4 6 4"/><circle cx="12" cy="4.5" r="2"/><circle cx="4.5" cy="18" r="2"/><circle cx="19.5" cy="18" r="2"/></svg>',
)}`

export const dock: DevToolsPlugin['devtools'] = {
  setup({ docks, viteConfig: { base } }) {
    docks.register({
      id: 'wsyard',
      title: 'wsyard',
      icon,
      type: 'iframe',
      url: `${base}${dashboardPath.slice(1)}/`,
    })
  },
}
