/** What `npm test` tries in short: each page on one of the two servers, two of four variants of colour and width, and churn for seconds. */
import config from './playwright.config.js'

process.env.CHURN_SECONDS ??= '60'
process.env.MODE = 'long'

export default {
  ...config,
  projects: [
    { name: 'preview', testDir: 'test/e2e', testMatch: 'seed.e2e.ts', use: { vite: 'preview' } },
    { name: 'dev', testDir: 'test/e2e', testMatch: ['page.e2e.ts', 'mcp.e2e.ts'], use: { vite: 'dev' } },
    { name: 'access', testDir: 'test/e2e/dashboard', testMatch: 'access.e2e.ts', use: { vite: 'preview' } },
    { name: 'churn', testDir: 'test/client', testMatch: 'churn.e2e.ts' },
  ],
}
