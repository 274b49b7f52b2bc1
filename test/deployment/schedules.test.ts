import { describe, expect, it } from 'vitest'
import type { DeploymentSchedule } from '#shared/deployment/deployment.ts'
import {
  addSchedules,
  changeSchedule,
  deleteSchedule,
  patchSchedules,
  replaceSchedules,
  type ScheduleChange,
} from '#shared/deployment/schedules.ts'

const daily = { cron: '0 0 * * *', timezone: 'UTC', day_or: true }
const hourly = { cron: '0 * * * *', timezone: 'UTC', day_or: true }

const SCHEDULES_MAX = 100

function context() {
  let made = 0
  return { now: 2, newId: () => `new ${(made += 1)}` }
}

function stored(id: string, rest: Partial<DeploymentSchedule> = {}): DeploymentSchedule {
  const unset = { schedule: daily, active: true, maxScheduledRuns: null, parameters: {}, slug: null }
  return { id, ...unset, created: 1, updated: 1, ...rest }
}
const ids = (schedules: readonly DeploymentSchedule[]) => schedules.map((each) => each.id)

describe('replacing all schedules', () => {
  it('keeps the id of one whose rule or slug is unchanged, so that its runs are not created twice', () => {
    const before = [stored('a'), stored('b', { schedule: hourly }), stored('c', { slug: 's' })]
    const after = replaceSchedules(
      before,
      [{ schedule: hourly }, { schedule: hourly, slug: 's' }, { schedule: hourly }],
      context(),
    )
    expect(ids(after)).toEqual(['b', 'c', 'new 1'])
    expect(after[0]).toMatchObject({ created: 1, updated: 2 })
    expect(after[2]).toMatchObject({ created: 2, active: true })
  })

  it('takes up to as many as one deployment may have', () => {
    const many = (count: number) => Array.from({ length: count }, (): ScheduleChange => ({ schedule: daily }))
    expect(replaceSchedules([], many(SCHEDULES_MAX), context())).toHaveLength(SCHEDULES_MAX)
    const tooMany = () => replaceSchedules([], many(SCHEDULES_MAX + 1), context())
    expect(tooMany).toThrow(`body.schedules: a deployment has at most ${SCHEDULES_MAX} schedules`)
  })

  it('keeps the first of a deployment, too', () => {
    expect(ids(replaceSchedules([stored('a'), stored('b')], [{ schedule: daily }], context()))).toEqual(['a'])
  })

  it('removes all when given none', () => {
    expect(replaceSchedules([stored('a')], [], context())).toEqual([])
  })

  it('rejects duplicate slugs, and a schedule without a rule', () => {
    const twice: ScheduleChange[] = [
      { schedule: daily, slug: 's' },
      { schedule: hourly, slug: 's' },
    ]
    expect(() => replaceSchedules([], twice, context())).toThrow("two schedules have the slug 's'")
    expect(() => replaceSchedules([], [{ active: false }], context())).toThrow(
      'body.schedules.0.schedule: is required for a new schedule',
    )
    expect(() => replaceSchedules([], twice, context())).toThrow('body.schedules: ')
  })
})

describe('patching the schedules of a deployment', () => {
  const slugged = [stored('a', { slug: 'a' }), stored('b', { slug: 'b' })]

  it('updates those named and adds the others, if all have slugs', () => {
    const after = patchSchedules(
      slugged,
      [
        { slug: 'b', active: false },
        { slug: 'c', schedule: hourly },
      ],
      context(),
    )
    expect(after).toMatchObject([
      { id: 'a', active: true },
      { id: 'b', active: false, schedule: daily },
      { id: 'new 1', slug: 'c', schedule: hourly },
    ])
  })

  it('leaves no rule of the plain kind in between: one without a slug means that all are replaced', () => {
    const mixed = [stored('a', { slug: 'a' }), stored('b')]
    expect(ids(patchSchedules(mixed, [{ slug: 'c', schedule: hourly }], context()))).toEqual(['new 1'])
    expect(ids(patchSchedules([], [{ schedule: hourly }], context()))).toEqual(['new 1'])
  })

  it('adds one under a slug that nothing has, though it names another to replace', () => {
    const after = patchSchedules(slugged, [{ slug: 'z', replaces: 'none', schedule: hourly }], context())
    expect(ids(after)).toEqual(['a', 'b', 'new 1'])
    const renamed = patchSchedules(slugged, [{ slug: 'z', replaces: 'b' }], context())
    expect(renamed.map(({ id, slug }) => [id, slug])).toEqual([
      ['a', 'a'],
      ['b', 'z'],
    ])
  })

  it('renames the one that is replaced', () => {
    const after = patchSchedules(slugged, [{ slug: 'z', replaces: 'a' }], context())
    expect(after[0]).toMatchObject({ id: 'a', slug: 'z' })
    expect(after).toHaveLength(2)
  })

  it('rejects one without a slug, if the others have slugs', () => {
    expect(() => patchSchedules(slugged, [{ schedule: hourly }], context())).toThrow(
      'body.schedules.0.slug: is required, as the other schedules of this deployment have slugs',
    )
  })

  it('replaces all, if an existing one has no slug', () => {
    expect(ids(patchSchedules([stored('a')], [{ schedule: hourly }], context()))).toEqual(['new 1'])
  })
})

describe('one schedule', () => {
  it('is added, updated and removed', () => {
    const added = addSchedules([stored('a')], [{ schedule: hourly, parameters: { x: 1 } }], context())
    expect(ids(added)).toEqual(['a', 'new 1'])
    const changed = changeSchedule(added, 'new 1', { active: false, maxScheduledRuns: undefined }, 3)
    expect(changed[0]).toEqual(added[0])
    expect(changed[1]).toMatchObject({ active: false, parameters: { x: 1 }, maxScheduledRuns: null, updated: 3 })
    expect(ids(deleteSchedule(changed, 'a'))).toEqual(['new 1'])
    expect(() => deleteSchedule(changed, 'z')).toThrow("Schedule 'z' not found.")
  })

  it('may not take the slug of another', () => {
    const before = [stored('a', { slug: 'a' }), stored('b', { slug: 'b' })]
    expect(() => changeSchedule(before, 'b', { slug: 'a' }, 3)).toThrow("two schedules have the slug 'a'")
  })
})
