/** Commands that run another command in a pid or network namespace of its own, as a container does. */
import { spawnSync } from 'node:child_process'
import { needTool, type Skippable, skip } from './tools.js'

/** As root, and as anybody in a user namespace as well. Whatever runs in it is killed when the command ends. */
const ways = ['-p', '-Urp'].map((flags) => ['unshare', flags, '--kill-child', '--mount-proc'] as const)

/** The command to put before another. Skips the test unless it works, and pids can be chosen in there. */
export function pidNamespace(context: Skippable): readonly string[] {
  needTool(context, 'unshare', 'util-linux')
  const choosesPids = ['sh', '-c', 'echo 1000 > /proc/sys/kernel/ns_last_pid']
  const way = ways.find(([command, ...args]) => spawnSync(command, [...args, ...choosesPids]).status === 0)
  return way ?? skip(context, 'this user may not make a pid namespace and choose pids in it')
}

/** The same, with the command that follows as the process `pid` of the namespace. */
export function withPid(namespace: readonly string[], pid: number): readonly string[] {
  // The first process of a namespace stays to reap; `"$@" &` is the first that it forks.
  const script = `echo ${pid - 1} > /proc/sys/kernel/ns_last_pid; "$@" & wait`
  return [...namespace, 'sh', '-c', script, 'sh']
}

/** The command to put before another to give it a network of its own, its loopback interface down. Skips the test unless it works. */
export function networkNamespace(context: Skippable): readonly string[] {
  needTool(context, 'unshare', 'util-linux')
  needTool(context, 'ip', 'iproute2')
  const setsLinks = ['ip', 'link', 'set', 'lo', 'up']
  const way = networkWays.find(
    ([command, ...args]) => spawnSync(command, [...args, ...setsLinks]).status === 0,
  )
  return way ?? skip(context, 'this user may not make a network namespace and set its links')
}

const networkWays = ['-n', '-Urn'].map((flags) => ['unshare', flags] as const)
