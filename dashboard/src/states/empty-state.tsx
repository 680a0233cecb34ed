import { useState } from 'preact/hooks'
import { Choice } from '../parts/choice.js'
import { CopyCommand } from '../parts/copy-command.js'
import { firstServers } from './first-servers.js'

const notes: Record<keyof typeof firstServers, string> = {
  javascript: 'In a project that has wsyard. In this repository, npm run server does the same.',
  python: 'With the package websockets. A whole example without it is in examples/python.',
  shell: 'Any program joins by one small file: docs/reference/registry-file.md.',
}

/** What to do when nothing runs. */
export function EmptyState() {
  const [language, setLanguage] = useState<keyof typeof firstServers>('javascript')
  return (
    <div class="empty scroll">
      <h2>No servers are running</h2>
      <p>Paste this into a terminal, and the server appears here at once. Start as many as you like.</p>
      <Choice
        name="Language"
        value={language}
        onChange={setLanguage}
        options={[
          ['javascript', 'JavaScript'],
          ['python', 'Python'],
          ['shell', 'Anything else'],
        ]}
      />
      <CopyCommand command={firstServers[language]} />
      <p class="hint">{notes[language]}</p>
    </div>
  )
}
