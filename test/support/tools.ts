/**
 * What some tests need of the system: root, or a tool. In CI, as root on Debian, a missing tool is installed; elsewhere
 * the test is skipped, and says why.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** The part of a test's context that is needed here. */
export interface Skippable {
  skip(note?: string): never
}

/** Skips the test, with the reason printed, unless the command is there or can be installed from `aptPackage`. */
export function needTool(context: Skippable, command: string, aptPackage: string): void {
  if (isOnPath(command)) return
  installInCI(aptPackage)
  if (!isOnPath(command)) skip(context, `there is no ${command}: install the package ${aptPackage}`)
}

/** Skips the test, with the reason printed, unless a Python has the module or can be given it. Returns that Python. */
export function needPython(context: Skippable, module: string, aptPackage: string): string {
  const find = (): string | undefined =>
    ['python3', '/usr/bin/python3'].find(
      (python) => spawnSync(python, ['-c', `import ${module}`], { timeout: 30_000 }).status === 0,
    )
  let python = find()
  if (python === undefined) {
    installInCI(aptPackage)
    python = find()
  }
  return python ?? skip(context, `no Python has the module ${module}: install the package ${aptPackage}`)
}

/** Skips the test unless it is run by root on Linux, who alone may become other users and mount file systems. */
export function needRoot(context: Skippable): void {
  if (process.platform !== 'linux') skip(context, 'it needs Linux')
  if (process.getuid?.() !== 0) skip(context, 'it needs root: run it by sudo or in a container')
}

/** Skips the test, with the reason printed, unless this command succeeds. */
export function needSuccess(context: Skippable, command: string, args: readonly string[], why: string): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 })
  if (status === 0) return
  skip(context, `${why} (${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()})`)
}

/** Skips the test, and prints the reason, whatever the reporter does with it. */
export function skip(context: Skippable, reason: string): never {
  console.error(`Skipped, as ${reason}.`)
  return context.skip(reason)
}

export function isOnPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, command)))
}

function installInCI(aptPackage: string): void {
  if (process.env.CI === 'true') installAsRoot(aptPackage)
}

/** Where that is possible: as root on Debian. */
export function installAsRoot(aptPackage: string): void {
  if (process.getuid?.() === 0 && isOnPath('apt-get')) install(aptPackage)
}

/** Asks nothing, and starts no service that comes with a package, by systemd or by init: nginx would take port 80. */
const quietly = { DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1', RUNLEVEL: '1' }

/** One at a time: test files run side by side, and apt gives up when its lists are locked. */
function install(aptPackage: string): void {
  const once = `apt-get install -y --no-install-recommends ${aptPackage}`
  const { status, stderr } = spawnSync(
    'flock',
    [join(tmpdir(), 'wsyard-apt.lock'), 'sh', '-c', `${once} || { apt-get update && ${once}; }`],
    { encoding: 'utf8', timeout: 180_000, env: { ...process.env, ...quietly } },
  )
  if (status !== 0) console.error(`apt-get could not install ${aptPackage}: ${stderr}`)
}
