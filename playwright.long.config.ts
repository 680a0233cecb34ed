/** What `npm test` tries on the development server alone, on the page as it is shipped too; and what it tries for seconds, for a minute. */
import config from './playwright.config.js'

process.env.CHURN_SECONDS ??= '60'

export default {
  ...config,
  projects: [
    { name: 'preview', testDir: 'test/e2e', testMatch: 'seed.e2e.ts', use: { vite: 'preview' } },
    { name: 'churn', testDir: 'test/client', testMatch: 'churn.e2e.ts' },
  ],
}
