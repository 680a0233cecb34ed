import { defineConfig } from 'vite'
import { wsyard } from 'wsyard/vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [wsyard(), { name: 'no-reload', transformIndexHtml: { order: 'post', handler: withoutReload } }],
  optimizeDeps: { noDiscovery: true },
})

/** Vite's own script reloads the page when Vite is started again, and a test that does so would lose what it follows. */
function withoutReload(html: string): string {
  return html.replace(/<script[^>]*@vite\/client[^>]*><\/script>/, '')
}
