import { defineConfig } from 'vite'
import { wsyard } from 'wsyard/vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [wsyard()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Everything the page imports is ESM already; and dev servers side by side would share, and break, one cache.
  optimizeDeps: { noDiscovery: true },
  build: { outDir: 'dist', emptyOutDir: true },
})
