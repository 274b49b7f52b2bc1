import { expect, it } from 'vitest'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { aClaim, aRun, at, DEPLOYMENT_ID, QUEUE_ID, runIn } from '../../../support/fixtures/a-run.ts'
import { NOTHING } from '../picture.ts'
import { aLimitItem, momentWith, pictureOfThese, waitingRun } from '../small-world.ts'
import { capProblems } from './caps.ts'
import { staleWrites, wrongRefusals } from './fence.ts'
import { GonePlaces } from './gone-places.ts'

it('finds a run that a process of an earlier generation has changed', () => {
  const before = runIn('RUNNING', { generation: 2, claim: aClaim() })
  const claim = startedByOf({ ...before, generation: 1 })
  const written = { ...before, infrastructurePid: '7', revision: before.revision + 1 }
  expect(staleWrites(before, written, { claim })).toEqual([expect.stringContaining('I6')])
  expect(staleWrites(before, written, { claim: startedByOf(before) })).toEqual([])
  const refused = { ...before, revision: before.revision + 1, refusedWrites: { count: 1, last: [] } }
  expect(staleWrites(before, refused, { claim })).toEqual([])
})

it('finds a write that was refused of the claim that holds', () => {
  const before = runIn('RUNNING', { generation: 2, claim: aClaim() })
  const refusedOf = (generation: number) => ({
    ...before,
    refusedWrites: { count: 1, last: [{ at: at(5), generation, life: null, what: 'update' }] },
  })
  expect(wrongRefusals(before, refusedOf(1))).toEqual([])
  expect(wrongRefusals(before, refusedOf(2))).toEqual([expect.stringContaining('I6')])
})

it('finds a run that comes to a queue which was gone before', () => {
  const { picture } = momentWith([])
  const without = pictureOfThese(
    [],
    [...picture.limits.values()].filter(({ key }) => key !== `queue#${QUEUE_ID}`),
  )
  const gone = new GonePlaces()
  gone.note(picture, without, { at: at(10) })
  const run = waitingRun(1)
  expect(gone.check(undefined, run, without, { bornAt: at(11) })).toEqual([expect.stringContaining('I4')])
  expect(gone.check(undefined, run, without, { bornAt: at(9) })).toEqual([])
  expect(gone.check(run, { ...run, revision: 9 }, without, { bornAt: at(11) })).toEqual([])
})

it('finds a deployment whose limit says otherwise', () => {
  const limit = aLimitItem(`deployment#${aRun().deploymentId ?? DEPLOYMENT_ID}`, { limit: 2 })
  const picture = (cap: number | null) => ({ ...pictureOfThese([], [limit]), caps: new Map([[DEPLOYMENT_ID, cap]]) })
  expect(capProblems(NOTHING, picture(2))).toEqual([])
  expect(capProblems(NOTHING, picture(null))).toEqual([expect.stringContaining('limit of null')])
})
