/** One log over all servers, one message of it whole, and what is said to them. */
import { useEffect, useState } from 'preact/hooks'
import type { LogFilter } from '../model/log-view.js'
import type { LogRow } from '../model/message-log.js'
import { yard } from '../model/yard.js'
import { onCommand } from '../page/commands.js'
import { narrow } from '../page/narrow.js'
import { useStore } from '../parts/store.js'
import { Composer } from './composer.js'
import { download, exportLine } from './export.js'
import { LogList } from './log-list.js'
import { LogToolbar } from './log-toolbar.js'
import { MessageDetail } from './message-detail.js'
import { useLogView } from './use-log-view.js'

const everything: LogFilter = {
  text: '',
  servers: new Set(),
  kinds: new Set(['sent', 'received', 'event']),
}

export function MessagesSection() {
  const { log } = yard
  const [filter, setFilter] = useState(everything)
  const [isPaused, setPaused] = useState(false)
  const [isFollowing, setFollowing] = useState(true)
  const [opened, setOpened] = useState<LogRow>()
  const view = useLogView(log, filter, isPaused)
  const isNarrow = useStore(narrow)
  const isEmpty = log.end === log.first

  useEffect(() => onCommand('pause', () => setPaused((before) => !before)), [])
  useEffect(() => onCommand('newest', () => setFollowing(true)), [])
  useEffect(() => {
    return onCommand('clear', () => {
      log.clear()
      setPaused(false)
    })
  }, [])
  useEffect(() => onCommand('close', () => setOpened(undefined)), [])

  const exportShown = (): void => {
    const lines: string[] = []
    for (let index = 0; index < view.count; index += 1) {
      const shown = view.row(index)
      if (shown !== undefined) lines.push(exportLine(shown))
    }
    download('messages.ndjson', lines, 'application/x-ndjson')
  }

  return (
    <section class="messages" aria-labelledby="messages-heading">
      <LogToolbar
        filter={filter}
        onFilter={setFilter}
        isPaused={isPaused}
        onPause={setPaused}
        held={view.held}
        count={view.count}
        onExport={exportShown}
      />
      <div class="log-and-detail">
        {/* Spoken by the page's announcer, as hundreds a second would be nothing to listen to. */}
        <div class="log" role="log" aria-live="off" aria-label="Messages">
          {view.count > 0 || view.isBehind ? (
            <LogList
              view={view}
              isFollowing={isFollowing && !isPaused}
              onFollow={setFollowing}
              opened={opened?.seq}
              onOpen={setOpened}
              isNarrow={isNarrow}
            />
          ) : (
            <p class="nothing">
              {isEmpty
                ? 'Nothing said yet. What servers send and what you send to them appears here.'
                : 'No message matches.'}{' '}
              {!isEmpty && (
                <button type="button" onClick={() => setFilter(everything)}>
                  Show all
                </button>
              )}
            </p>
          )}
          {!isFollowing && view.count > 0 && (
            <button type="button" class="newest" onClick={() => setFollowing(true)}>
              ↓ Newest
            </button>
          )}
        </div>
        {opened && <MessageDetail row={opened} onClose={() => setOpened(undefined)} />}
      </div>
      <Composer />
    </section>
  )
}
