/** The whole page: which servers there are, and what is said to all of them or to the one that was picked. */
import { useState } from 'react'
import { useHubStatus } from 'wsyard/react'
import { Everyone, One } from './conversations.js'
import { ServerList } from './server-list.js'

export function App() {
  const [picked, pick] = useState<string>()
  return (
    <>
      <header>
        <h1>Servers of this machine</h1>
        <HubStatus />
      </header>
      <main>
        <ServerList picked={picked} onPick={pick} />
        {picked === undefined ? <Everyone /> : <One key={picked} name={picked} />}
      </main>
    </>
  )
}

function HubStatus() {
  const status = useHubStatus()
  return (
    <p role="status" className={`hub ${status}`}>
      Hub: {status}
    </p>
  )
}
