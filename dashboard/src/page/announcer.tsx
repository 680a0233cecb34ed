/** Says for those who do not see the page what has happened, at most every two seconds. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { labelOf } from '../model/shown-servers.js'
import { yard } from '../model/yard.js'
import { count } from '../parts/figures.js'
import { visibleLine } from '../parts/visible-text.js'

/** In milliseconds. */
const everyMs = 2000

/** So many messages are said; of more in that time there would be no end. */
const maxMessages = 20

/** So many names are said; of more only how many there were. */
const maxNames = 3

export function Announcer() {
  const { client } = yard
  const [said, setSaid] = useState('')
  const news = useRef({ found: new Set<string>(), gone: new Set<string>(), messages: 0 })

  useEffect(() => {
    const undo = [
      client.on('added', (server) => news.current.found.add(labelOf(server))),
      client.on('removed', (server) => news.current.gone.add(labelOf(server))),
      client.on('message', () => {
        news.current.messages += 1
      }),
    ]
    const timer = setInterval(() => {
      const { found, gone, messages } = news.current
      news.current = { found: new Set(), gone: new Set(), messages: 0 }
      const parts = [
        ...(found.size > 0 ? [`Found ${namesOf(found)}.`] : []),
        ...(gone.size > 0 ? [`Gone: ${namesOf(gone)}.`] : []),
        ...(messages > 0 && messages <= maxMessages ? [`${count(messages, 'message')} received.`] : []),
      ]
      setSaid(parts.join(' '))
    }, everyMs)
    return () => {
      clearInterval(timer)
      for (const off of undo) off()
    }
  }, [])
  return (
    <p class="unseen" role="status" aria-label="News">
      {said}
    </p>
  )
}

function namesOf(labels: ReadonlySet<string>): string {
  if (labels.size > maxNames) return count(labels.size, 'server')
  return [...labels].map((label) => visibleLine(label, 60)).join(', ')
}
