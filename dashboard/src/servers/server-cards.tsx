import type { ShownServer } from '../model/shown-servers.js'
import { VirtualList } from '../parts/virtual-list.js'
import { cardHeight, ServerCard } from './server-card.js'

/** In pixels, of a card with its gap. */
const minWidth = 290

export function ServerCards({ servers }: { servers: readonly ShownServer[] }) {
  return (
    <VirtualList
      count={servers.length}
      itemHeight={cardHeight}
      minWidth={minWidth}
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
