import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ShownServer } from '../model/shown-servers.js'
import { VirtualList } from '../parts/virtual-list.js'
import { cardHeight, ServerCard } from './server-card.js'

/** In pixels, of a card with its gap. */
const minWidth = 290

export function ServerCards({ servers }: { servers: readonly ShownServer[] }) {
  const box = useRef<HTMLDivElement>(null)
  const [columns, setColumns] = useState(1)

  useLayoutEffect(() => {
    const { current } = box
    if (current === null) return
    const measure = (): void => setColumns(Math.max(1, Math.floor(current.clientWidth / minWidth)))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(current)
    return () => observer.disconnect()
  }, [])

  return (
    <VirtualList
      count={servers.length}
      itemHeight={cardHeight}
      columns={columns}
      box={box}
      boxProps={{ class: 'scroll cards' }}
      innerProps={{ role: 'list', 'aria-label': 'Servers' }}
      render={(index, style) => {
        const server = servers[index]
        return (
          server && (
            <ServerCard
              key={server.id}
              server={server}
              position={index + 1}
              total={servers.length}
              style={style}
            />
          )
        )
      }}
    />
  )
}
