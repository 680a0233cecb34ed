import type { WsyardError } from 'wsyard/client'

/** Why the list may be out of date, and what still works. */
export function StatusBanner({ error }: { error: WsyardError | undefined }) {
  if (error === undefined) return null
  return (
    <div class="banner" role="alert">
      <p>
        <strong>The registry cannot be read.</strong> {error.message}
      </p>
      <p class="hint">Connections that are open go on. It is asked again every five seconds.</p>
    </div>
  )
}
