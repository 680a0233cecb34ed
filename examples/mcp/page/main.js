/**
 * Shows every agent that has registered a server, greets it once it is connected, and sends what is typed to all of them.
 */
import { createClient } from 'wsyard/client'

const client = createClient()
const isAgent = (/** @type {import('wsyard/client').ClientServer} */ { meta }) => meta?.kind === 'agent'
client.connectAll({ filter: isAgent })

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
const form = /** @type {HTMLFormElement} */ (document.querySelector('form'))
const input = /** @type {HTMLInputElement} */ (document.querySelector('input'))

/** A card for each agent that is there, by the id of its server. @type {Map<string, HTMLElement>} */
const cards = new Map()
/** @type {Set<string>} */
const greeted = new Set()

client.on('change', () => {
  const agents = client.servers.filter(isAgent)
  for (const [id, card] of cards) {
    if (agents.some((agent) => agent.id === id)) continue
    card.remove()
    cards.delete(id)
  }
  for (const agent of agents) {
    const { id, name = id, port, meta, connection } = agent
    const card = cards.get(id) ?? addCard(id, name)
    const small = card.querySelector('small')
    if (small) small.textContent = `${meta?.client} · port ${port} · ${connection}`
    if (connection !== 'connected' || greeted.has(id)) continue
    greeted.add(id)
    client.broadcast(`Hello, ${name}`, { filter: (server) => server.id === id })
  }
  byId('status').textContent = `${agents.length} agents, the hub is ${client.status}`
})

client.on('message', ({ id }, data) => {
  const line = document.createElement('li')
  line.textContent = String(data)
  cards.get(id)?.querySelector('ol')?.append(line)
})

form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (input.value !== '') client.broadcast(input.value, { filter: isAgent })
  input.value = ''
})

/**
 * @param {string} id
 * @param {string} name
 */
function addCard(id, name) {
  const card = document.createElement('section')
  card.setAttribute('aria-label', name)
  const heading = document.createElement('h2')
  heading.textContent = name
  card.append(heading, document.createElement('small'), document.createElement('ol'))
  cards.set(id, card)
  byId('agents').append(card)
  return card
}
