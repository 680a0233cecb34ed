import { defineConfig } from 'vite'

/** Which React: the newest, or the one before by `REACT=18`. */
const suffix = process.env.REACT === '18' ? '-18' : ''

export default defineConfig({
  root: import.meta.dirname,
  resolve: {
    alias: [
      { find: /^react(?=\/|$)/, replacement: `react${suffix}` },
      { find: /^react-dom(?=\/|$)/, replacement: `react-dom${suffix}` },
    ],
  },
})
