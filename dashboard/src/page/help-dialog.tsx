import { useEffect, useRef } from 'preact/hooks'
import { useStore } from '../parts/store.js'
import { hasShortcuts, onCommand, shortcuts } from './commands.js'

/** Which keys do what. */
export function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const isOn = useStore(hasShortcuts)
  useEffect(() => onCommand('help', () => dialog.current?.showModal()), [])
  return (
    <dialog ref={dialog} aria-labelledby="help-heading">
      <h2 id="help-heading">Keys</h2>
      <dl class="keys">
        {shortcuts.map(([key, command, title]) => (
          <div key={command}>
            <dt>
              <kbd>{key === 'Escape' ? 'Esc' : key}</kbd>
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>↑</kbd> <kbd>↓</kbd>
          </dt>
          <dd>In the messages: from one to the next. In the message field: what was sent before</dd>
        </div>
      </dl>
      <label class="hint">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ currentTarget: { checked } }) => hasShortcuts.set(checked)}
        />{' '}
        Single keys are commands
      </label>
      <form method="dialog">
        <button type="submit" class="primary">
          Close
        </button>
      </form>
    </dialog>
  )
}
