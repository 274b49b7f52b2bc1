import { expect, it, onTestFinished } from 'vitest'
import { getUptime } from '#shared/storage/service/get-uptime.ts'
import { putUptime } from '#shared/storage/service/put-uptime.ts'
import { at } from '../../support/fixtures/a-run.ts'
import { changesNothing } from '../../support/table-items.ts'
import { openWorld } from '../../support/world.ts'

it('of two ticks at once one writes the uptime', async () => {
  const fresh = await openWorld()
  onTestFinished(() => fresh.close())
  const { table } = fresh
  const [first, second] = [at(0), at(60)].map((time) => ({ since: at(0), at: time, pools: {} }))
  if (!first || !second) throw new Error('no ticks')
  expect(await getUptime(table)).toBeUndefined()
  expect(await putUptime(table, first, undefined)).toBe(true)
  expect(await changesNothing(table, () => putUptime(table, second, undefined))).toBe(false)
  expect(await putUptime(table, second, first)).toBe(true)
  expect(await changesNothing(table, () => putUptime(table, { ...second, at: at(61) }, first))).toBe(false)
  expect(await getUptime(table)).toEqual(second)
})
