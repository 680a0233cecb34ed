import { defineConfig } from 'vite'
import { wsyard } from 'wsyard/vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [wsyard()],
  // Only because this page has no node_modules of its own: dev servers side by side would share, and break, one cache.
  cacheDir: '../../../node_modules/.vite-mcp',
})
