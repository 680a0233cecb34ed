/**
 * Says where the dashboard is, beside the addresses that Vite prints, and opens it by a key beside Vite's own.
 */
import { spawn } from 'node:child_process'
import { styleText } from 'node:util'
import type { BindCLIShortcutsOptions, PreviewServer, ViteDevServer } from 'vite'
import { dashboardPath } from '../hub/index.js'

/** Whoever prints Vite's addresses prints this one, and whoever has Vite's keys has this one: Vite's own command, or a program. */
export function announce(server: ViteDevServer | PreviewServer): void {
  const printUrls = server.printUrls.bind(server)
  server.printUrls = () => {
    printUrls()
    const url = dashboardUrl(server)
    if (url !== undefined)
      server.config.logger.info(
        `  ${styleText('green', '➜')}  ${styleText('bold', 'wsyard')}:  ${styleText('cyan', boldPort(url))}`,
      )
  }
  const shortcut = {
    key: 'w',
    description: 'open the wsyard dashboard',
    action: () => {
      const url = dashboardUrl(server)
      if (url !== undefined) openBrowser(url, () => server.config.logger.info(`Open ${url}`))
    },
  }
  // The two servers differ in what their shortcuts are given, which ours does not look at.
  const own = server as {
    bindCLIShortcuts(options?: BindCLIShortcutsOptions<ViteDevServer | PreviewServer>): void
  }
  const bind = own.bindCLIShortcuts.bind(server)
  own.bindCLIShortcuts = (options = {}) =>
    bind({ ...options, customShortcuts: [...(options.customShortcuts ?? []), shortcut] })
}

/** Undefined while the server does not listen. */
function dashboardUrl({ resolvedUrls }: ViteDevServer | PreviewServer): string | undefined {
  const url = resolvedUrls?.local[0] ?? resolvedUrls?.network[0]
  return url === undefined ? undefined : `${url}${dashboardPath.slice(1)}/`
}

/** As Vite shows its own. */
function boldPort(url: string): string {
  return url.replace(/:(\d+)\//, (_, port: string) => `:${styleText('bold', port)}/`)
}

/** The command of each system that opens a URL; what is not listed has the one of freedesktop.org. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

function openBrowser(url: string, onFailure: () => void): void {
  const [command = '', ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  child.once('error', onFailure) // there is no such command
  child.once('exit', (code) => code !== 0 && onFailure()) // or it has found no browser
  child.unref()
}
