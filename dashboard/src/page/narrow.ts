/**
 * Whether the page is as narrow as a phone, for what style sheets alone cannot do (`page.css` has the same width).
 */
import { createStore, type Readable } from '../parts/store.js'

const query = matchMedia('(max-width: 640px)')
const store = createStore(query.matches)
query.addEventListener('change', () => store.set(query.matches))

export const narrow: Readable<boolean> = store
