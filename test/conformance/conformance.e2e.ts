/**
 * The rules of the WebSocket interface, each on the browser's own and on ours. What each is observed to do is what the case
 * expects, or what the list of differences has for it.
 */
import { isDeepStrictEqual } from 'node:util'
import { allCases, cases } from './cases/index.js'
import { differences } from './differences.js'
import { expect, test } from './stage.js'
import { subjects } from './subjects.js'

for (const subject of subjects)
  for (const [topic, ofTopic] of Object.entries(cases))
    test.describe(`${subject}, ${topic}`, () => {
      for (const { title, expected } of ofTopic)
        test(title, async ({ observe }) => {
          const difference = differences.find((one) => one.subject === subject && one.title === title)
          if (difference) test.info().annotations.push({ type: 'difference', description: difference.reason })
          expect(await observe(subject, title)).toEqual(difference ? difference.expected : expected)
        })
    })

test('no two cases have the same title', () => {
  const titles = allCases.map(({ title }) => title)
  expect(titles.filter((title, position) => titles.indexOf(title) !== position)).toEqual([])
})

test('every difference is one of a case, once, and none is of the reference', () => {
  const wrong = differences.filter(({ title, subject, expected }, position) => {
    const found = allCases.find((one) => one.title === title)
    const isTwice =
      differences.findIndex((one) => one.title === title && one.subject === subject) !== position
    return subject === 'native' || isTwice || !found || isDeepStrictEqual(found.expected, expected)
  })
  expect(wrong).toEqual([])
})
