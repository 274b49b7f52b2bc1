import { expect, it } from 'vitest'
import { REFUSED_WRITES_KEPT_MAX, REFUSED_WRITES_MAX } from '#shared/bounds.ts'
import { NO_REFUSED_WRITES } from '#shared/flow-run/flow-run.ts'
import { fenceFor } from '#shared/flow-run/named-claim.ts'
import { withRefusedWrite } from '#shared/flow-run/refused-writes.ts'
import { lossOfClaim, staleness } from '#shared/flow-run/staleness.ts'
import { aRun, at, LIFE, RUN_ID, runIn } from '../support/fixtures/a-run.ts'

it('a claim is stale in another life or generation', () => {
  const run = runIn('RUNNING')
  expect(staleness(run, { generation: 1 })).toBeUndefined()
  expect(staleness(run, { generation: 1, life: LIFE })).toBeUndefined()
  expect(staleness(run, { generation: 1, life: 'another' })).toBe('the run was deleted and created again')
  expect(staleness(run, { generation: 2 })).toBe('the run is in generation 1, not 2')
})

it('a claim is over as well when the run waits to be claimed again', () => {
  const waiting = aRun({ generation: 1 })
  expect(lossOfClaim(waiting, { generation: 1 })).toContain('taken back')
  expect(lossOfClaim(waiting, { generation: 2 })).toContain('generation 1')
  expect(lossOfClaim(aRun(), { generation: 0 })).toBeUndefined()
  expect(lossOfClaim(runIn('RUNNING'), { generation: 1 })).toBeUndefined()
})

it('a claim that a request names fences the run that it is about, or the one that the request is about', () => {
  const fence = { generation: 1 }
  expect(fenceFor(undefined, RUN_ID)).toBeUndefined()
  expect(fenceFor(fence, RUN_ID)).toEqual(fence)
  expect(fenceFor({ ...fence, runId: RUN_ID }, RUN_ID)).toMatchObject(fence)
  expect(fenceFor({ ...fence, runId: 'another' }, RUN_ID)).toBeUndefined()
})

const refused = { at: at(1), generation: 1, what: 'RUNNING' }

it('a refused write is noted, with its life where that is not the run’s', () => {
  const run = aRun({ refusedWrites: NO_REFUSED_WRITES })
  const noted = { ...refused, life: null }
  expect(withRefusedWrite(run, refused)).toEqual({ count: 1, last: [noted] })
  expect(withRefusedWrite(run, { ...refused, life: LIFE })).toEqual({ count: 1, last: [noted] })
  expect(withRefusedWrite(run, { ...refused, life: 'x' })).toEqual({ count: 1, last: [{ ...refused, life: 'x' }] })
})

it('each kind of refused write is noted once for each generation and life, and very many are not noted', () => {
  const [first, other] = [
    { ...refused, life: null },
    { ...refused, generation: 9, life: null },
  ]
  const run = aRun({ refusedWrites: { count: 2, last: [first, other] } })
  expect(withRefusedWrite(run, { ...refused, at: at(9) })).toBeUndefined()
  for (const change of [{ generation: 2 }, { what: 'FAILED' }, { life: 'x' }]) {
    expect(withRefusedWrite(run, { ...refused, ...change })).toMatchObject({ count: 3 })
  }
  const many = (count: number) => withRefusedWrite(aRun({ refusedWrites: { count, last: [] } }), refused)
  expect(many(REFUSED_WRITES_MAX)).toBeUndefined()
  expect(many(REFUSED_WRITES_MAX - 1)).toMatchObject({ count: REFUSED_WRITES_MAX })
})

it('the latest refused writes are kept', () => {
  const last = Array.from({ length: REFUSED_WRITES_KEPT_MAX }, (_, n) => ({
    ...refused,
    generation: n + 2,
    life: null,
  }))
  const kept = withRefusedWrite(aRun({ refusedWrites: { count: 20, last } }), refused)?.last
  expect(kept).toEqual([...last.slice(1), { ...refused, life: null }])
})
