import { expect, it } from 'vitest'
import type { Limit } from '#shared/limit/limit.ts'
import { refusalWords } from '#shared/limit/refusal-words.ts'
import { aLimit } from '../support/fixtures/a-limit.ts'

const WORDS: [string, Partial<Limit>, string | null][] = [
  ["work queue 'x'", { active: 2, available: 0 }, "The concurrency limit of work queue 'x' is reached (2 of 2)."],
  ["work pool 'y'", { paused: true }, "Work pool 'y' is paused."],
  ["work pool 'y'", { deleting: true }, "Work pool 'y' is being deleted."],
  ['its deployment', { active: 1, available: 1 }, null],
  [
    'its deployment',
    { paused: true, countingSince: 1 },
    'The new concurrency limit of its deployment is still counting the runs that are held; it opens within seconds.',
  ],
]

it('of what is gone it says so', () => {
  expect(refusalWords(undefined, 'its work queue')).toBe('Its work queue no longer exists.')
})

it.each(WORDS)('of %s that is %o it says: %s', (subject, overrides, words) => {
  expect(refusalWords(aLimit('queue#q', 2, overrides), subject)).toBe(words)
})
