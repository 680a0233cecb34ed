/**
 * Ends the command when this process is killed and cannot do so itself: a shell in a session of its own waits for the end of a pipe that this
 * process alone can write to.
 */
import { spawn } from 'node:child_process'

/**
 * Each line is the process group to end, which heads a session; an empty one says that there is none any more. Where there is a `/proc`, all groups
 * of the session are ended. After five seconds nobody is asked.
 */
const script = `
while read -r line; do group=$line; done
[ -n "$group" ] || exit 0
rest() {
  [ -d /proc/self ] || { kill -s 0 -- "-$group" && echo "-$group"; return; }
  for directory in /proc/[0-9]*; do
    read -r line < "$directory/stat" || continue
    set -- \${line##*) }
    [ "$4" = "$group" ] && [ "$1" != Z ] && echo "\${directory#/proc/}"
  done
}
kill -s TERM -- $(rest)
for second in 1 2 3 4 5; do
  [ -n "$(rest)" ] || exit 0
  sleep 1
done
kill -s KILL -- $(rest)`

export interface Guardian {
  /** Watches over one process group, or none, from now on. */
  guard(group: number | undefined): void
  /** Resolves once it has gone; what it guards lives on. */
  close(): Promise<void>
}

/** On Windows it does nothing, and without `/bin/sh`. */
export function startGuardian(): Guardian {
  if (process.platform === 'win32') return { guard() {}, async close() {} }
  const shell = spawn('/bin/sh', ['-c', script, 'wsyard-guardian'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/', // it keeps no directory from being removed
    env: { PATH: process.env.PATH ?? '/bin:/usr/bin' },
  })
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve())
    shell.once('error', () => resolve())
  })
  shell.stdin.on('error', () => {}) // it has been killed
  return {
    guard: (group) => void shell.stdin.write(`${group ?? ''}\n`),
    close() {
      shell.stdin.end('\n')
      return ended
    },
  }
}
