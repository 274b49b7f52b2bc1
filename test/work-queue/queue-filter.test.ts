import { expect, it } from 'vitest'
import { parseQueueFilter, takesDeployment, takesRun } from '#shared/work-queue/queue-filter.ts'
import { aRun, DEPLOYMENT_ID, someDetails } from '../support/fixtures/a-run.ts'

const run = aRun({ details: someDetails({ tags: ['a', 'b'] }) })

it('a queue without a filter holds its runs', () => {
  expect(parseQueueFilter(null)).toBeUndefined()
  expect(parseQueueFilter({})).toEqual({ tags: [], deploymentIds: undefined })
  expect(parseQueueFilter({ tags: ['a', 1], deployment_ids: [null, 'd'] })).toEqual({
    tags: ['a'],
    deploymentIds: ['d'],
  })
})

it.each([
  [{}, true],
  [{ tags: ['a', 'b'] }, true],
  [{ tags: ['a', 'c'] }, false],
  [{ deployment_ids: [DEPLOYMENT_ID] }, true],
  [{ deployment_ids: [] }, false],
  [{ deployment_ids: ['x'], tags: ['a'] }, false],
])('the filter %j takes the run: %s', (stored, taken) => {
  const filter = parseQueueFilter(stored)
  expect(filter && takesRun(filter, run)).toBe(taken)
})

it('a filter takes runs of deployments alone', () => {
  const filter = { tags: [], deploymentIds: undefined }
  expect(takesRun(filter, { ...run, deploymentId: null })).toBe(false)
  expect(takesDeployment(filter, null)).toBe(false)
})
