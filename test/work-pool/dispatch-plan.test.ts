import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLAIM_BATCH_MAX } from '#shared/bounds.ts'
import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit, refusalOf } from '#shared/limit/limit.ts'
import { type Candidate, type DispatchPlan, type PlanInput, planDispatch } from '#shared/work-pool/dispatch-plan.ts'
import { counterexample } from '../support/faults/counterexample.ts'
import { aLimit } from '../support/fixtures/a-limit.ts'
import { LIFE } from '../support/fixtures/a-run.ts'

const candidates = (names: string, deploymentId: string | null = null): Candidate[] =>
  names
    .split(' ')
    .filter(Boolean)
    .map((runId, n) => ({ runId, life: LIFE, generation: 0, deploymentId, due: n, line: 'queue' }))

/** A pool of queues, named and filled like `{ q1: candidates('a b') }`, with open and unlimited limits unless given. */
function input(queues: Record<string, Candidate[]>, rest: { limits?: Limit[]; handOutMax?: number } = {}): PlanInput {
  const { limits = [], handOutMax = 100 } = rest
  const open = [poolLimit('p'), ...Object.keys(queues).map(queueLimit)].map((key) => aLimit(key, null))
  return {
    poolId: 'p',
    queues: Object.entries(queues).map(([queueId, each]) => ({ queueId, candidates: each })),
    limits: new Map([...open, ...limits].map((limit) => [limit.key, limit])),
    handOutMax,
    now: 0,
  }
}
const planned = (plan: DispatchPlan) => plan.batches.map(({ queueId, runs }) => [queueId, runs.map((run) => run.runId)])
const waits = (plan: DispatchPlan) => plan.waits.map(({ subject, reason, limit }) => [subject.id, reason, limit])

describe('the order', () => {
  it('queues of higher priority go first, and the oldest run in each', () => {
    const plan = planDispatch(input({ high: candidates('a b'), low: candidates('c d') }, { handOutMax: 3 }))
    expect(planned(plan)).toEqual([
      ['high', ['a', 'b']],
      ['low', ['c']],
    ])
    expect(waits(plan)).toEqual([['d', 'hand_out_max', undefined]])
  })

  it('a full or paused queue does not hold up the next ones', () => {
    const limits = [aLimit(queueLimit('full'), 1, { active: 1 }), aLimit(queueLimit('off'), 5, { paused: true })]
    const plan = planDispatch(input({ full: candidates('a'), off: candidates('b'), open: candidates('c') }, { limits }))
    expect(planned(plan)).toEqual([['open', ['c']]])
    expect(waits(plan)).toEqual([
      ['full', 'full', 'queue#full'],
      ['off', 'paused', 'queue#off'],
    ])
  })

  it('runs of a full deployment are skipped and parked, and the one behind them goes', () => {
    const blocked = candidates('a b', 'd')
    const limits = [aLimit(deploymentLimit('d'), 1)]
    const plan = planDispatch(input({ q: [...blocked, ...candidates('c', 'e')] }, { limits }))
    expect(planned(plan)).toEqual([['q', ['a', 'c']]])
    expect(plan.parked).toEqual([{ runId: 'b', limit: 'deployment#d' }])
    expect(waits(plan)).toEqual([['b', 'full', 'deployment#d']])
  })
})

describe('a closed pool', () => {
  const CLOSED: [string, Limit | undefined, string][] = [
    ['paused', aLimit(poolLimit('p'), 5, { paused: true }), 'paused'],
    ['being deleted', aLimit(poolLimit('p'), 5, { deleting: true }), 'deleting'],
    ['full', aLimit(poolLimit('p'), 5, { active: 5 }), 'full'],
    ['over its limit', aLimit(poolLimit('p'), 5, { active: 9 }), 'full'],
    ['limited to nothing', aLimit(poolLimit('p'), 0), 'full'],
    ['gone', undefined, 'missing'],
  ]
  it.each(CLOSED)('that is %s hands out nothing and parks nothing', (_what, limit, reason) => {
    const given = input({ q: candidates('a', 'd') }, { limits: [aLimit(deploymentLimit('d'), 0)] })
    const limits = new Map(given.limits)
    if (limit) limits.set(limit.key, limit)
    else limits.delete(poolLimit('p'))
    const plan = planDispatch({ ...given, limits })
    expect(plan).toEqual({
      batches: [],
      parked: [],
      moved: [],
      waits: [{ subject: { kind: 'pool', id: 'p' }, reason, limit: 'pool#p' }],
    })
  })
})

describe('the reasons', () => {
  it('a queue whose limit is missing waits for it, an empty one for nothing', () => {
    const given = input({ gone: candidates('a'), empty: [] })
    const limits = new Map([...given.limits].filter(([key]) => key === poolLimit('p')))
    expect(waits(planDispatch({ ...given, limits }))).toEqual([['gone', 'missing', 'queue#gone']])
  })

  it("the pool's last slot is used up by the plan itself", () => {
    const plan = planDispatch(input({ q: candidates('a b') }, { limits: [aLimit(poolLimit('p'), 1)] }))
    expect([planned(plan), waits(plan)]).toEqual([[['q', ['a']]], [['b', 'full', 'pool#p']]])
  })

  it.each(['paused', 'deleting'] as const)('a deployment limit that is %s parks runs with that reason', (reason) => {
    const limits = [aLimit(deploymentLimit('d'), 5, { [reason]: true })]
    const plan = planDispatch(input({ q: candidates('a', 'd') }, { limits }))
    expect(waits(plan)).toEqual([['a', reason, 'deployment#d']])
    expect(plan.parked).toHaveLength(1)
  })

  it('a run for which its queue has no room is not parked under its deployment', () => {
    const limits = [aLimit(deploymentLimit('d'), 0), aLimit(queueLimit('q'), 1)]
    const plan = planDispatch(input({ q: [...candidates('a'), ...candidates('b', 'd')] }, { limits }))
    expect(waits(plan)).toEqual([['b', 'full', 'queue#q']])
    expect(plan.parked).toEqual([])
  })
})

describe('runs that wait for their deployment', () => {
  const blocked = (names: string, due: number) =>
    candidates(names, 'd').map((one, n) => ({ ...one, due: due + n, line: 'blocked' as const }))

  it('are taken in turn with those of their queue, as far as their limit has room, and not parked again', () => {
    const limits = [aLimit(deploymentLimit('d'), 2)]
    const plan = planDispatch(
      input({ q: [...candidates('a'), ...blocked('b c d', 1), ...candidates('e')] }, { limits }),
    )
    expect(planned(plan)).toEqual([['q', ['a', 'b', 'c', 'e']]])
    expect([plan.parked, plan.moved, waits(plan)]).toEqual([[], [], [['d', 'full', 'deployment#d']]])
  })

  const CLOSED: [string, Limit][] = [
    ['its queue is paused', aLimit(queueLimit('q'), 9, { paused: true })],
    ['its queue is full', aLimit(queueLimit('q'), 0)],
    ['its pool is paused', aLimit(poolLimit('p'), 9, { paused: true })],
    ['its pool is full', aLimit(poolLimit('p'), 0)],
  ]
  it.each(CLOSED)('go into their queue, as many as there is room for, where %s', (_what, closed) => {
    const limits = [aLimit(deploymentLimit('d'), 2), closed]
    expect(planDispatch(input({ q: blocked('a b c', 0) }, { limits })).moved).toEqual(['a', 'b'])
    const full = [aLimit(deploymentLimit('d'), 2, { active: 2 }), closed]
    expect(planDispatch(input({ q: blocked('a b c', 0) }, { limits: full })).moved).toEqual([])
  })

  it('go into their queue where the plan itself uses up its room', () => {
    const limits = [aLimit(deploymentLimit('d'), 5), aLimit(queueLimit('q'), 1)]
    const plan = planDispatch(input({ q: blocked('a b', 0) }, { limits }))
    expect([planned(plan), plan.moved]).toEqual([[['q', ['a']]], ['b']])
  })
})

it('runs that were due later go into their queue once they are due and it is closed', () => {
  const later = candidates('now soon').map((one, due) => ({ ...one, due, line: 'later' as const }))
  const open = planDispatch(input({ q: later }))
  expect([planned(open), open.moved]).toEqual([[['q', ['now', 'soon']]], []])
  const closed = planDispatch(input({ q: later }, { limits: [aLimit(queueLimit('q'), 1, { paused: true })] }))
  expect(closed.moved).toEqual(['now'])
})

it('more runs than a claim can hold become several batches', () => {
  const many = candidates(Array.from({ length: 2 * CLAIM_BATCH_MAX + 1 }, (_, n) => `r${n}`).join(' '))
  const { batches } = planDispatch(input({ q: many }))
  expect(batches.map(({ runs }) => runs.length)).toEqual([CLAIM_BATCH_MAX, CLAIM_BATCH_MAX, 1])
})

describe('any pool', () => {
  const DEPLOYMENTS = ['d0', 'd1', 'd2']
  const limitOf = (key: LimitKey) =>
    fc
      .record({
        limit: fc.option(fc.integer({ min: 0, max: 40 })),
        active: fc.integer({ min: 0, max: 20 }),
        paused: fc.boolean().map((one) => one && key.length % 2 === 0),
        deleting: fc.constant(false),
      })
      .map(({ limit, ...rest }) => aLimit(key, limit, rest))
  const pool: fc.Arbitrary<PlanInput> = fc
    .integer({ min: 0, max: 5 })
    .chain((queueCount) =>
      fc.record({
        queues: fc.tuple(
          ...Array.from({ length: queueCount }, (_, n) =>
            fc.array(fc.option(fc.constantFrom(...DEPLOYMENTS)), { maxLength: 60 }).map((deployments) => ({
              queueId: `q${n}`,
              candidates: deployments.map((deploymentId, due) => ({
                runId: `${n}/${due}`,
                life: LIFE,
                generation: due % 3,
                deploymentId,
                due,
                line: 'queue' as const,
              })),
            })),
          ),
        ),
        limits: fc.tuple(
          limitOf(poolLimit('p')),
          ...Array.from({ length: queueCount }, (_, n) => limitOf(queueLimit(`q${n}`))),
        ),
        deployments: fc
          .subarray(DEPLOYMENTS)
          .chain((some) => fc.tuple(...some.map((d) => limitOf(deploymentLimit(d))))),
        missing: fc.constantFrom<string[]>([], [], [], ['pool#p'], ['queue#q0']),
        handOutMax: fc.integer({ min: 0, max: 120 }),
      }),
    )
    .map(({ queues, limits, deployments, missing, handOutMax }) => {
      const known = [...limits, ...deployments].filter(({ key }) => !missing.includes(key))
      return { poolId: 'p', queues, limits: new Map(known.map((limit) => [limit.key, limit])), handOutMax, now: 0 }
    })
  const broken = (rule: (plan: DispatchPlan, given: PlanInput) => boolean) =>
    counterexample(
      fc.property(pool, (given) => rule(planDispatch(given), given)),
      1000,
    )
  const runsOf = (plan: DispatchPlan) => plan.batches.flatMap(({ runs }) => runs)

  it('gives no limit more runs than it has slots for, and a closed one none', () => {
    const rule = (plan: DispatchPlan, { limits }: PlanInput) => {
      const taken = Map.groupBy(
        runsOf(plan).flatMap(({ slots }) => slots),
        (slot) => slot,
      )
      return [...taken].every(([key, slots]) => {
        const limit = limits.get(key)
        return limit !== undefined && refusalOf(limit) === null && slots.length <= limit.available
      })
    }
    expect(broken(rule)).toBeUndefined()
  })

  it('hands out at most its maximum, in batches that fit a claim', () => {
    const rule = (plan: DispatchPlan, { handOutMax }: PlanInput) =>
      runsOf(plan).length <= handOutMax &&
      plan.batches.every(({ runs }) => runs.length > 0 && runs.length <= CLAIM_BATCH_MAX)
    expect(broken(rule)).toBeUndefined()
  })

  it('plans every candidate, or gives a reason why it, its queue or its pool waits', () => {
    const rule = (plan: DispatchPlan, { queues }: PlanInput) => {
      const handedOut = new Set(runsOf(plan).map(({ runId }) => runId))
      const waiting = new Set(plan.waits.map(({ subject }) => `${subject.kind} ${subject.id}`))
      return queues.every(({ queueId, candidates: all }) =>
        all.every(({ runId }) => {
          const reasons = ['pool p', `queue ${queueId}`, `run ${runId}`].filter((subject) => waiting.has(subject))
          return handedOut.has(runId) ? reasons.length === 0 : reasons.length === 1
        }),
      )
    }
    expect(broken(rule)).toBeUndefined()
  })

  it('parks exactly the runs that wait only for their deployment', () => {
    const rule = (plan: DispatchPlan) => {
      const byDeployment = plan.waits.filter(({ limit }) => limit?.startsWith('deployment#'))
      const expected = byDeployment.map(({ subject, limit }) => `${subject.id} ${limit}`)
      return JSON.stringify(plan.parked.map(({ runId, limit }) => `${runId} ${limit}`)) === JSON.stringify(expected)
    }
    expect(broken(rule)).toBeUndefined()
  })

  it('skips no run needlessly: a run waits only for one of its limits, or the hand-out maximum', () => {
    const rule = (plan: DispatchPlan, { limits, handOutMax }: PlanInput) => {
      const taken = Map.groupBy(
        runsOf(plan).flatMap(({ slots }) => slots),
        (slot) => slot,
      )
      return plan.waits.every(({ reason, limit: key }) => {
        if (reason === 'hand_out_max') return runsOf(plan).length === handOutMax
        const limit = key && limits.get(key)
        return !limit || refusalOf(limit) !== null || (taken.get(limit.key)?.length ?? 0) === limit.available
      })
    }
    expect(broken(rule)).toBeUndefined()
  })

  it('preserves the order of queues, and of the runs within each', () => {
    const rule = (plan: DispatchPlan, { queues }: PlanInput) => {
      const order = new Map(queues.flatMap((queue) => queue.candidates).map(({ runId }, place) => [runId, place]))
      const places = runsOf(plan).map(({ runId }) => order.get(runId) ?? -1)
      return places.every((place, n) => n === 0 || place > (places[n - 1] ?? -1))
    }
    expect(broken(rule)).toBeUndefined()
  })

  it('leaves its input unchanged, and gives the same result again', () => {
    const rule = (plan: DispatchPlan, given: PlanInput) => {
      const again = planDispatch(given)
      return JSON.stringify(again) === JSON.stringify(plan)
    }
    expect(broken(rule)).toBeUndefined()
  })
})
