/** What `npm test` tries on the development server alone, on the page as it is shipped too. */
import config from './playwright.config.js'

export default {
  ...config,
  projects: [{ name: 'preview', testDir: 'test/e2e', testMatch: 'seed.e2e.ts', use: { vite: 'preview' } }],
}
