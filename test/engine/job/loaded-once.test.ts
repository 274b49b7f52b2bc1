import { expect, it } from 'vitest'
import { loadedOnce } from '#shared/engine/job/loaded-once.ts'

it('code is loaded once, also by callers at the same time', async () => {
  let loads = 0
  const load = loadedOnce(() => Promise.resolve((loads += 1)))
  expect(loads).toBe(0)
  expect(await Promise.all([load(), load()])).toEqual([1, 1])
  expect(await load()).toBe(1)
})

it('a load that failed is tried again', async () => {
  const answers = [Promise.reject(new Error('no such file')), Promise.resolve('code')]
  const load = loadedOnce(() => answers.shift() ?? Promise.reject(new Error('loaded too often')))
  await expect(load()).rejects.toThrow('no such file')
  expect(await load()).toBe('code')
  expect(await load()).toBe('code')
})
