/**
 * Ends the command when this process is killed and cannot do so itself: a shell in a session of its own waits for the end of a pipe that this
 * process alone can write to.
 */
import { spawn } from 'node:child_process'

/**
 * Each line has the sessions to end, by number; an empty one says that there is none any more. Where there is no `/proc`, they are process
 * groups. After five seconds nobody is asked.
 */
const script = `
while read -r line; do sessions=$line; done
[ -n "$sessions" ] || exit 0
rest() {
  [ -d /proc/self ] || { for group in $sessions; do kill -s 0 -- "-$group" && echo "-$group"; done; return; }
  for directory in /proc/[0-9]*; do
    read -r line < "$directory/stat" || continue
    set -- \${line##*) }
    case " $sessions " in *" $4 "*) [ "$1" = Z ] || echo "\${directory#/proc/}" ;; esac
  done
}
kill -s TERM -- $(rest)
for second in 1 2 3 4 5; do
  [ -n "$(rest)" ] || exit 0
  sleep 1
done
kill -s KILL -- $(rest)`

export interface Guardian {
  /** Watches over the processes of these sessions from now on. */
  guard(sessions: readonly number[]): void
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
  let told = ''
  return {
    guard(sessions) {
      const line = sessions.join(' ')
      if (line !== told) shell.stdin.write(`${line}\n`)
      told = line
    },
    close() {
      shell.stdin.end('\n')
      return ended
    },
  }
}
