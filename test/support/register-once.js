/**
 * Registers one entry, and does the next step for each line that it reads: `register-once.js <id> <port>`. It waits for
 * lines without letting anything else run, so that a tracer attached meanwhile sees the system calls of one step alone.
 */
import { readdirSync, readlinkSync, readSync, writevSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { openRegistry } from 'wsyard/registry'

const [id = 'once', port = '4000'] = process.argv.slice(2)
let steps = 0
/** @type {import('wsyard/registry').Registration | undefined} */
let registration

// By writev (which takes two pieces), so that faults injected into write meet the registry's files alone.
/** @param {string} text */
const say = (text) => writevSync(1, [Buffer.from(text), Buffer.from('\n')])

const registry = openRegistry({ onWarning: ({ code, message }) => say(`warning ${code}: ${message}`) })

/** @type {Record<string, () => Promise<string>>} */
const commands = {
  async register() {
    registration = await registry.register({ id, port: Number(port) })
    return 'registered'
  },
  /** Until the file that registering replaced is no longer looked at: what follows is then the same each time. */
  async settle() {
    while (holdsReplacedFile()) await setTimeout(20)
    return 'settled'
  },
  async deregister() {
    await registration?.close()
    return 'deregistered'
  },
  async exit() {
    process.exit()
  },
}

function holdsReplacedFile() {
  const targets = readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      return '' // that of the directory itself
    }
  })
  return targets.some((target) => target.endsWith('servers.json (deleted)'))
}

/** The next line; the other end sends one at a time. An end of the input is the end. */
function nextLine() {
  const buffer = Buffer.alloc(64)
  const length = readSync(0, buffer)
  return length === 0 ? 'exit' : buffer.toString('utf8', 0, length).trim()
}

say('0 ready')
for (;;) {
  const command = nextLine()
  steps += 1
  try {
    say(`${steps} ${await commands[command]?.()}`)
  } catch (error) {
    const { code, message } = /** @type {Error & { code?: string }} */ (error)
    say(`${steps} failed ${code}: ${message}`)
  }
}
