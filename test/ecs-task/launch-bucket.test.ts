import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { counterexample } from '../support/faults/counterexample.ts'
import { at } from '../support/fixtures/a-run.ts'

it('a fresh bucket allows its burst, at once and once', () => {
  const bucket = new LaunchBucket(10, 50)
  expect(bucket.available(at(0))).toBe(50)
  bucket.spend(50)
  expect(bucket.available(at(0))).toBe(0)
})

it('fills at its rate, and only up to the burst', () => {
  const bucket = new LaunchBucket(10, 50)
  bucket.available(at(0))
  bucket.spend(50)
  expect([0.05, 0.1, 1, 4.99, 5, 3600].map((seconds) => bucket.available(at(seconds)))).toEqual([0, 1, 10, 49, 50, 50])
})

it('launches beyond the allowance are compensated for', () => {
  const bucket = new LaunchBucket(10, 50)
  bucket.available(at(0))
  bucket.spend(60)
  expect(bucket.available(at(1))).toBe(0)
  expect(bucket.available(at(1.1))).toBe(1)
})

it('a clock that goes back adds nothing', () => {
  const bucket = new LaunchBucket(10, 50)
  bucket.available(at(10))
  bucket.spend(50)
  expect(bucket.available(at(0))).toBe(0)
})

it('over any period, no more is launched than the burst plus the rate', () => {
  const steps = fc.array(
    fc.record({ waitMillis: fc.integer({ min: 0, max: 3000 }), wish: fc.integer({ min: 0, max: 80 }) }),
    { maxLength: 60 },
  )
  const property = fc.property(steps, (all) => {
    const bucket = new LaunchBucket(10, 50)
    const launches: { seconds: number; count: number }[] = []
    let seconds = 0
    for (const { waitMillis, wish } of all) {
      seconds += waitMillis / 1000
      const count = Math.min(wish, bucket.available(at(seconds)))
      bucket.spend(count)
      launches.push({ seconds, count })
    }
    return launches.every((first, from) => {
      let sum = 0
      return launches.slice(from).every((last) => {
        sum += last.count
        return sum <= 50 + 10 * (last.seconds - first.seconds) + 1e-6
      })
    })
  })
  expect(counterexample(property)).toBeUndefined()
})

it('drains 10,000 due launches in the time the rate implies', () => {
  const bucket = new LaunchBucket(20, 100)
  let seconds = 0
  for (let left = 10_000; left > 0; seconds += 1) {
    const count = Math.min(left, bucket.available(at(seconds)))
    bucket.spend(count)
    left -= count
  }
  // (10,000 − 100) / 20 per second
  expect(seconds - 1).toBe(495)
})

it('what is allowed is a whole number of launches at the instant, for a fresh bucket too', () => {
  const bucket = new LaunchBucket(10, 50)
  bucket.spend(50)
  expect(bucket.available(at(1000))).toBe(0)
})
