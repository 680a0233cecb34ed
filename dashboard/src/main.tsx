import { render } from 'preact'
import { createClient } from 'wsyard/client'
import { App } from './app.js'
import './style.css'

const client = createClient()
client.connectAll()

const root = document.getElementById('app')
if (root !== null) render(<App client={client} />, root)
