/** Starts the page. */
import { render } from 'preact'
import { App } from './app.js'
import { listenToKeys } from './page/commands.js'
import { keepTheme } from './page/theme.js'
import './styles/main.css'

keepTheme(document)
listenToKeys(document)

const root = document.getElementById('app')
if (root !== null) render(<App />, root)
