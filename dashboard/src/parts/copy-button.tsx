/** Copies a text, and says so, or says that it could not. */
import { useState } from 'preact/hooks'

export interface CopyButtonProps {
  /** What is copied, asked for when it is. */
  text: () => string
  label?: string
}

export function CopyButton({ text, label = 'Copy' }: CopyButtonProps) {
  const [said, setSaid] = useState<string>()
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text())
      setSaid('Copied')
    } catch {
      setSaid('Select and copy by hand')
    }
  }
  return (
    <button
      type="button"
      class="copy"
      aria-live="polite"
      onClick={() => void copy()}
      onBlur={() => setSaid(undefined)}
    >
      {said ?? label}
    </button>
  )
}
