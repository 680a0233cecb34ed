/**
 * The first process of a pid namespace: kills a server that it watches, and gives its pid to another process before
 * it can look. Prints what `list()` and the watch then say, each as a line of JSON.
 */
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openRegistry } from 'wsyard/registry'

const home = process.env.SHIPYARD_HOME ?? ''
const server = fileURLToPath(new URL('host-program.js', import.meta.url))
const [go, done] = [join(dirname(home), 'go'), join(dirname(home), 'done')]
execFileSync('mkfifo', [go, done])

/** The parent of the server, so that its pid is free at once. Nothing is forked between the two lines that matter. */
const keeper = `
"$NODE" "$SERVER" none &
victim=$!
read -r _ < "$GO"
kill -9 $victim
wait $victim
echo $((victim - 1)) > /proc/sys/kernel/ns_last_pid
sleep 600 &
until read -r name < /proc/$!/comm && [ "$name" = sleep ]; do :; done
echo "$victim $!" > "$DONE"
wait
`
spawn('sh', ['-c', keeper], {
  env: { ...process.env, NODE: process.execPath, SERVER: server, GO: go, DONE: done },
  stdio: ['ignore', 'ignore', 'inherit'],
})

openRegistry().watch((event) => {
  if (event.type === 'snapshot') return
  for (const change of event.changes) {
    const { pid } = change.entry
    if (change.type === 'added') reuse(pid).catch(fail)
    if (change.type === 'removed')
      console.log(JSON.stringify({ removed: change.reason, runs: isRunning(pid) }))
  }
})

/** @param {number} pid */
async function reuse(pid) {
  // Waits without a turn of the event loop, in which the watch could see the pid free.
  writeFileSync(go, '\n')
  const [killed, started] = readFileSync(done, 'utf8').trim().split(' ').map(Number)
  const listed = await openRegistry().list()
  console.log(JSON.stringify({ pid, killed, started, listed: listed.map(({ id }) => id) }))
}

/** @param {number} pid */
function isRunning(pid) {
  return /\(sleep\) [RSD]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) // no zombie
}

/** @param {unknown} error */
function fail(error) {
  console.error(error)
  process.exit(1)
}
