/** Builds the pages of `test/pages` once, before any browser test, so that none waits for a page to be put together. */
import { join } from 'node:path'
import { projectRoot, startProcess } from './processes.js'

const vite = join(projectRoot, 'node_modules/vite/bin/vite.js')

/** Where the built page of a React version is. */
export function reactPage(version: string): string {
  return join(projectRoot, `test/pages/react/dist/${version}`)
}

// biome-ignore lint/style/noDefaultExport: Playwright calls what a global setup exports by default
export default async function buildPages(): Promise<void> {
  const react = (version: string) =>
    build('test/pages/react', ['--outDir', reactPage(version), '--mode', 'development'], { REACT: version })
  await Promise.all([buildClientPage(), react('18'), react('19')])
}

/** The page on the client alone. */
export const buildClientPage = (): Promise<void> => build('test/pages/client')

async function build(
  page: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<void> {
  const command = [vite, 'build', page, ...args, '--logLevel', 'warn']
  const running = startProcess(process.execPath, command, { env: { NO_COLOR: '1', ...env } })
  if ((await running.ended) !== 0) throw new Error(`Cannot build ${page}:\n${running.output()}`)
}
