import { useState } from 'preact/hooks'

/** A command with a button that copies it, and says so, or says that it could not. */
export function CopyCommand({ command }: { command: string }) {
  const [label, setLabel] = useState('Copy')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command)
      setLabel('Copied')
    } catch {
      setLabel('Select and copy by hand')
    }
  }
  return (
    <div class="command">
      <code>{command}</code>
      <button type="button" aria-live="polite" onClick={() => void copy()} onBlur={() => setLabel('Copy')}>
        {label}
      </button>
    </div>
  )
}
