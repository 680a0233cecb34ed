import { CopyCommand } from './copy-command.js'

/** What to do when nothing runs. */
export function EmptyState() {
  return (
    <div class="empty">
      <h2>No servers are running</h2>
      <p>Start one and it appears here within five seconds. Start as many as you like.</p>
      <CopyCommand command="npm run server" />
      <p class="hint">
        Your own server joins with <code>createServer()</code> from <code>wsyard/server</code>.
      </p>
    </div>
  )
}
