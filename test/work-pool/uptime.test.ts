import { expect, it } from 'vitest'
import { nextUptime } from '#shared/work-pool/uptime.ts'
import { at } from '../support/fixtures/a-run.ts'

const before = { since: at(0), at: at(60), pools: { p: { minutes: 5, from: at(0) }, q: { minutes: 5, from: at(0) } } }
const next = (
  seconds: number,
  answers = true,
  from: typeof before | null = before,
  minutes = new Map<string, number>(),
) => nextUptime(from ?? undefined, at(seconds), { answers, minutesOf: minutes })

it('the service is up since the first tick that found it answering without a gap', () => {
  expect(next(60, true, null)).toMatchObject({ since: at(60), at: at(60) })
  expect(next(120)).toMatchObject({ since: at(0), at: at(120) })
  expect(next(210)).toMatchObject({ since: at(0) })
  expect(next(211)).toMatchObject({ since: at(211) })
  expect(next(120, false)).toMatchObject({ since: at(120), at: at(120) })
})

it('what a pool makes of silence holds since it was set, and no longer than that', () => {
  const minutes = new Map([
    ['p', 5],
    ['q', 6],
    ['r', 5],
  ])
  expect(next(120, true, before, minutes).pools).toEqual({
    p: { minutes: 5, from: at(0) },
    q: { minutes: 6, from: at(120) },
    r: { minutes: 5, from: at(120) },
  })
  expect(next(120, true, before).pools).toEqual({})
  expect(next(60, true, null, minutes).pools.p).toEqual({ minutes: 5, from: at(60) })
})
