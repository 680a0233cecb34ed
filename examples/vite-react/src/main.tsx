/** Mounts the app, inside the one provider that it needs. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { WsyardProvider } from 'wsyard/react'
import { App } from './app.js'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <WsyardProvider connectAll>
      <App />
    </WsyardProvider>
  </StrictMode>,
)
