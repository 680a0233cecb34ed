import { defineConfig } from 'vite'
import { wsyard } from 'wsyard/vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [wsyard()],
})
