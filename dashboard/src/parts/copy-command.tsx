import { CopyButton } from './copy-button.js'

/** A command, of one line or several, with a button that copies it. */
export function CopyCommand({ command }: { command: string }) {
  return (
    <div class="command">
      <pre>
        <code>{command}</code>
      </pre>
      <CopyButton text={() => command} />
    </div>
  )
}
