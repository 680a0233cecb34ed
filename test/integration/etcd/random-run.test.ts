/**
 * `npm run test:random -- --etcd 3` as a test, of the long form alone, as it wants the machine to itself: servers of one machine that come, go, are killed and stopped, in an etcd whose
 * members are, too, and what is seen of them on another machine; and that such a run finds what is planted in it.
 */
import { describe, expect, it } from 'vitest'
import { etcdOptions } from '../../random/etcd/options.js'
import { playEtcd } from '../../random/etcd/play.js'
import { reportEtcd } from '../../random/etcd/report.js'
import { hasEtcd } from '../../support/etcd.js'
import { isLong } from '../../support/length.js'

const limits = { timeout: 240_000 }

describe.skipIf(!isLong || !hasEtcd())('a random run over etcd', () => {
  it(
    'misses nothing live, keeps nothing dead, and tells everybody one history while members are killed and stopped',
    limits,
    async (context) => {
      const options = etcdOptions({ seed: 1, members: 3, seconds: 16, processes: 15 }, context)
      const outcome = await playEtcd(options)
      expect(outcome.isGood, reportEtcd(options, outcome)).toBe(true)
      expect(outcome.quietAfterMs).toBeLessThanOrEqual(30_000)
      expect(outcome.liveServers).toBeGreaterThan(0)
      expect(outcome.reasons.get('expired')).toBeGreaterThan(0)
    },
  )

  const defects = [
    [
      'leases that nobody renews',
      'renews nothing',
      'lost',
      /^\S+ \(s\d+\.\d+-\d+\) (is missing|went as expired|is not in) /,
    ],
    ['a watch that goes on too late', 'resumes late', 'wrong events', /^watcher elsewhere: was told /],
  ] as const
  it.for(defects)('finds %s', limits, async ([_what, defect, where, said], context) => {
    const options = {
      ...etcdOptions({ seed: 1, members: 3, seconds: 8, processes: 8, defect }, context),
      quietMs: 4000,
    }
    const outcome = await playEtcd(options)
    expect(outcome.isGood, reportEtcd(options, outcome)).toBe(false)
    const isSaid = outcome.findings[where].some((finding) => said.test(finding))
    expect(isSaid, reportEtcd(options, outcome)).toBe(true)
  })
})
