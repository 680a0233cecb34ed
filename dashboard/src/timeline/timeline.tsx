/** The last minutes: a lane for each name, on which every run of a server of that name is a bar. */

import { endingsSince, type Lane, type Run, tracksOf } from '../model/history.js'
import { nameKey } from '../model/server-order.js'
import { yard } from '../model/yard.js'
import { Choice } from '../parts/choice.js'
import { count, duration } from '../parts/figures.js'
import { rememberedChoice } from '../parts/remembered.js'
import { useStore } from '../parts/store.js'
import { visibleLine } from '../parts/visible-text.js'
import { ServerName } from '../servers/server-name.js'

const spanChoice = rememberedChoice('span', ['5', '1', '15'])

/** How often a server may end within the time shown before it is said to be flapping. */
const flapping = 3

/** So many lanes are drawn. */
const maxLanes = 200

const endWords = {
  deregistered: 'stopped',
  exited: 'ended without a word',
  replaced: 'restarted',
  expired: 'its machine does not answer',
} as const

/** @param isShown whether what has this label is shown: its server may be long gone */
export function Timeline({ isShown }: { isShown: (label: string) => boolean }) {
  const history = useStore(yard.history)
  const now = useStore(yard.now)
  const span = useStore(spanChoice)
  const spanMs = Number(span) * 60_000
  const since = now - spanMs
  const lanes = [...history.values()]
    .filter(({ label, runs }) => isShown(label) && runs.some(({ to }) => to === undefined || to > since))
    .map((lane) => ({ lane, key: nameKey(lane.label) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  return (
    <div class="timeline scroll">
      <div class="span">
        <Choice
          name="Time shown"
          value={span}
          onChange={spanChoice.set}
          options={[
            ['1', '1 min'],
            ['5', '5 min'],
            ['15', '15 min'],
          ]}
        />
        <p class="ticks" aria-hidden="true">
          {[1, 0.8, 0.6, 0.4, 0.2].map((part) => (
            <span key={part}>{tick(spanMs * part)}</span>
          ))}
          <span>now</span>
        </p>
      </div>
      {lanes.length === 0 && (
        <p class="nothing">Nothing has run in this time, as far as this page has seen.</p>
      )}
      <ul aria-label="Timeline">
        {lanes.slice(0, maxLanes).map(({ lane }) => (
          <LaneRow key={lane.label} lane={lane} since={since} now={now} />
        ))}
      </ul>
      {lanes.length > maxLanes && (
        <p class="nothing">And {lanes.length - maxLanes} more: filter to see them.</p>
      )}
    </div>
  )
}

function LaneRow({ lane, since, now }: { lane: Lane; since: number; now: number }) {
  const endings = endingsSince(lane, since)
  const running = lane.runs.filter(({ to }) => to === undefined).length
  const summary = `${running === 0 ? 'not running' : running === 1 ? 'running' : `${running} running`}, ended ${count(endings, 'time')}`
  return (
    <li class="lane">
      <div class="lane-name">
        <ServerName label={lane.label} />
        {endings >= flapping && <span class="badge bad">{endings}× ended</span>}
        <span class="unseen">{summary}</span>
      </div>
      <div class="tracks">
        {tracksOf(lane, now).map((track) => (
          <div key={track[0]?.id} class="track">
            {track.map((run) => (
              <RunBar key={`${run.id} ${run.from}`} run={run} since={since} now={now} />
            ))}
          </div>
        ))}
      </div>
    </li>
  )
}

function RunBar({ run, since, now }: { run: Run; since: number; now: number }) {
  const { id, from, to, reason, silences } = run
  const place = (start: number, end: number): { left: string; width: string } => {
    const spanMs = now - since
    const [left, right] = [start, end].map((at) => Math.min(1, Math.max(0, (at - since) / spanMs)) * 100) as [
      number,
      number,
    ]
    return { left: `${left}%`, width: `${right - left}%` }
  }
  if (to !== undefined && to < since) return null
  const end = to === undefined ? 'runs' : endWords[reason ?? 'deregistered']
  const title = `${visibleLine(id)}: ${duration((to ?? now) - from)}, ${end}`
  return (
    <>
      <div
        class={`run ${to === undefined ? 'run-on' : `run-${reason ?? 'deregistered'}`} ${from < since ? 'run-before' : ''}`}
        style={place(from, to ?? now)}
        title={title}
      />
      {silences.map((silence) => (
        <div
          key={silence.from}
          class="run silence"
          style={place(silence.from, silence.to ?? to ?? now)}
          title={`${visibleLine(id)}: does not answer`}
        />
      ))}
    </>
  )
}

function tick(ms: number): string {
  return ms < 60_000 ? `${ms / 1000} s` : `${ms / 60_000} min`
}
