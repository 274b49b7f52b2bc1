import { expect, it } from 'vitest'
import { isUuid } from '#shared/ids.ts'
import { isPushPool, isReservedPoolName, poolIdOf, poolStatus } from '#shared/work-pool/work-pool.ts'

it.each([
  // type, paused, a worker is online → status
  ['process', false, false, 'NOT_READY'],
  ['process', false, true, 'READY'],
  ['process', true, true, 'PAUSED'],
  ['ecs', false, false, 'NOT_READY'],
  // A push pool has no workers: it is always ready.
  ['ecs:push', false, false, 'READY'],
  ['ecs:push', true, false, 'PAUSED'],
  // Agents send no heartbeats, so Prefect shows no status at all.
  ['prefect-agent', false, false, null],
  ['prefect-agent', true, true, null],
])('a pool of type %s (paused %s, worker online %s) is %s', (type, paused, online, status) => {
  expect(poolStatus({ type }, paused, online)).toBe(status)
})

it.each([
  ['ecs:push', true],
  ['cloud-run:push', true],
  ['ecs', false],
  ['push', false],
  [':push:managed', false],
])('%s is a push pool: %s', (type, push) => {
  expect(isPushPool(type)).toBe(push)
})

it.each([
  ['prefect', true],
  ['Prefect-managed', true],
  ['PREFECTIONS', true],
  ['my-prefect', false],
  ['default-agent-pool', false],
])('the pool name %s is reserved: %s', (name, reserved) => {
  expect(isReservedPoolName(name)).toBe(reserved)
})

it("a pool's id is derived from its name", () => {
  expect(isUuid(poolIdOf('prod'))).toBe(true)
  expect(poolIdOf('prod')).toBe(poolIdOf('prod'))
  expect(poolIdOf('prod')).not.toBe(poolIdOf('Prod'))
})
