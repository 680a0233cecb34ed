/** What a page of the docs has its readers make: a project with the files that it shows, in which the package is installed. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot, type RunningProcess, startProcess, type TestHome } from './processes.js'

/** A file's name and its text. */
export type ProjectFile = readonly [name: string, text: string]

/** The files that a page has its readers write: a name in backquotes, and the block that follows. */
export function filesOf(markdown: string): ProjectFile[] {
  const blocks = markdown.matchAll(/^`([\w.]+\.(?:[jt]sx?|html))`[^\n]*\n\n```\w+\n([\s\S]*?)^```/gm)
  return Array.from(blocks, ([, name = '', text = '']) => [name, text])
}

export interface GuideProject {
  readonly directory: string
  /** Runs a script of the project, or of a package, with Node. */
  start(...args: string[]): RunningProcess
  /** Starts `server.js` with a name. Resolves once it listens. */
  startServer(name: string): Promise<RunningProcess>
  /** Starts Vite on a port that the system picks. Resolves to its address. */
  startVite(): Promise<string>
}

/** A project of its own with these files and the package, as `npm init` and `npm install` make it. */
export function makeProject(home: TestHome, files: readonly ProjectFile[]): GuideProject {
  // Inside of ours, so that it finds what the package and the guide need.
  mkdirSync(join(projectRoot, 'test-results'), { recursive: true })
  const directory = mkdtempSync(join(projectRoot, 'test-results', 'guide-'))
  home.onCleanUp(() => rmSync(directory, { recursive: true, force: true }))
  writeFileSync(join(directory, 'package.json'), '{ "name": "ports", "type": "module" }')
  for (const [name, text] of files) writeFileSync(join(directory, name), text)
  for (const part of ['package.json', 'dist'])
    cpSync(join(projectRoot, part), join(directory, 'node_modules/wsyard', part), { recursive: true })

  const env = { SHIPYARD_HOME: home.path, NO_COLOR: '1', FORCE_COLOR: '0' }
  const start = (...args: string[]) => home.own(startProcess(process.execPath, args, { env, cwd: directory }))
  return {
    directory,
    start,
    async startServer(name) {
      const server = start('server.js', name)
      await server.printed(/listens at port \d+/)
      return server
    },
    async startVite() {
      const vite = start(join(projectRoot, 'node_modules/vite/bin/vite.js'), '--port', '0')
      const [, url = ''] = await vite.printed(/Local:\s+(http:\/\/localhost:\d+\/)/)
      return url
    },
  }
}
