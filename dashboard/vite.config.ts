import { defineConfig } from 'vite'
import { wsyard } from 'wsyard/vite'

export default defineConfig(({ isPreview = false }) => ({
  root: import.meta.dirname,
  // In development the page is at the root, from its sources; the built one is where every hub has it.
  plugins: [wsyard({ dashboard: isPreview })],
  // Lighter than the automatic runtime by a third of a kilobyte.
  oxc: {
    jsx: { runtime: 'classic', pragma: 'h', pragmaFrag: 'Fragment' },
    jsxInject: "import { Fragment, h } from 'preact'",
  },
  // Everything the page imports is ESM already; and dev servers side by side would share, and break, one cache.
  optimizeDeps: { noDiscovery: true },
  base: './',
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    modulePreload: false,
    target: ['chrome123', 'firefox128', 'safari17.5'], // those that know light-dark()
  },
}))
