import { expect, it } from 'vitest'
import { unansweredBy } from '#shared/ecs-task/unanswered-by.ts'

it('calls that ECS did not answer are counted, and the generations in which they were made', () => {
  const first = unansweredBy({ unanswered: undefined, generation: 1 })
  expect(first).toEqual({ calls: 1, generations: 1, last: 1 })
  const second = unansweredBy({ unanswered: first, generation: 1 })
  expect(second).toEqual({ calls: 2, generations: 1, last: 1 })
  expect(unansweredBy({ unanswered: second, generation: 3 })).toEqual({ calls: 3, generations: 2, last: 3 })
})
