import { expect, it } from 'vitest'
import { nextWords, obstacleWords } from '#shared/engine/explain/obstacle-words.ts'
import { COUNTING_WORDS } from '#shared/limit/refusal-words.ts'
import type { Obstacle } from '#shared/work-pool/find-obstacles.ts'
import { aLimit } from '../../support/fixtures/a-limit.ts'
import { aPool } from '../../support/fixtures/a-pool.ts'

const said = (reason: Obstacle['reason'], ahead: number, limit: number | null = 2, active = 0) =>
  obstacleWords({ reason, limit: 'pool#p', ahead }, aLimit('pool#p', limit, { active }))

it.each([
  ['pool#p', 'work pool'],
  ['queue#q', 'work queue'],
  ['deployment#d', 'deployment'],
] as const)('the limit %s is called that of the %s', (limit, noun) => {
  const words = obstacleWords({ reason: 'paused', limit, ahead: 0 }, null)
  expect(words).toBe(`Its ${noun} is paused; it has to be resumed.`)
})

it('each obstacle says what has to happen', () => {
  expect(said('missing', 0)).toBe('Its work pool no longer exists; the run will be cancelled.')
  expect(said('deleting', 0)).toBe('Its work pool is being deleted; the run will be cancelled.')
  expect(said('counting', 0)).toBe(COUNTING_WORDS)
  const reached = 'The concurrency limit of its work pool is reached (2 of 2 held)'
  expect(said('full', 0, 2, 2)).toBe(`${reached}; a slot has to become free.`)
  expect(said('full', 1, 2, 2)).toBe(`${reached}; 1 run goes first, and a slot has to become free for each.`)
  expect(said('behind_others', 3)).toBe('3 runs go first for the 2 free slots of its work pool.')
  expect(said('behind_others', 1, 2, 1)).toBe('1 run goes first for the one free slot of its work pool.')
})

it('more than a thousand runs ahead are not counted', () => {
  expect(said('behind_others', 1_000)).toContain('1,000 runs go first')
  expect(said('behind_others', 1_001)).toContain('1,000+ runs go first')
})

it('a limit that is gone has no slots', () => {
  const key = { limit: 'pool#p', ahead: 0 } as const
  expect(obstacleWords({ ...key, reason: 'full' }, null)).toContain('(0 of 0 held)')
  expect(obstacleWords({ ...key, reason: 'behind_others' }, null)).toContain('0 free slots')
  expect(obstacleWords({ ...key, reason: 'full' }, aLimit('pool#p', null))).toContain('(0 of 0 held)')
})

it('a run that is next is started by the dispatcher, or by a worker, as its pool is', () => {
  expect(nextWords(aPool('p', { type: 'ecs:push' }))).toContain('the dispatcher')
  expect(nextWords(aPool('p', { type: 'process' }))).toContain('when a worker polls')
  expect(nextWords(undefined)).toContain('when a worker polls')
})
