import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { Fork } from './fork.ts'
import { hasTwin, type Moment, roomOf, runsAhead } from './judge.ts'
import { momentOf } from './starts.ts'

/** What is in a run's way, as explain names it. */
export interface Obstacle {
  reason: string
  limit: { kind: 'pool' | 'queue' | 'deployment'; id: string; limit: number | null; active: number } | null
  runs_ahead: number | null
}

export interface Explained {
  flow_run_id: string
  reason: string
  obstacles: Obstacle[]
}

/** For how long a limit may count in a fork, where nothing lags. */
const COUNTING = { seconds: 4, looks: 15 }

/** What keeps no run from starting, but ends it. */
const ENDS = new Set(['missing', 'deleting', 'deployment_deleted'])

export const keyOf = ({ limit }: Obstacle): LimitKey | undefined => (limit ? `${limit.kind}#${limit.id}` : undefined)

/** Whether something is in the run's way that no one can take away again, so that it will be cancelled. */
export const isDoomed = ({ obstacles }: Explained): boolean => obstacles.some(({ reason }) => ENDS.has(reason))

/** Asks why a run is where it is. */
export async function explain(fork: Fork, runId: string): Promise<Explained> {
  const { status, body } = await fork.call('explainFlowRun', { id: runId })
  if (status !== 200) throw new Error(`explain of ${runId} was answered ${status}: ${JSON.stringify(body)}`)
  return body as Explained
}

/** An explanation in a line. */
export function wordsOf({ reason, obstacles }: Pick<Explained, 'reason' | 'obstacles'>): string {
  const each = obstacles.map((one) => `${one.limit?.kind ?? ''} ${one.reason}`.trim())
  return each.length > 0 ? each.join(', ') : reason
}

/** What explain says in figures, against what is stored. */
export function figureProblems(run: FlowRun, said: Explained, moment: Moment): string[] {
  const { limits } = moment.picture
  const room = (key: LimitKey) => roomWithout(key, said.obstacles, moment)
  // Which of two that are due at once goes first is open, and in what is gone there is no order.
  const isLost = said.obstacles.some(({ reason }) => reason === 'missing')
  const ahead = isLost || hasTwin(run, moment) ? undefined : runsAhead(run, room, moment)
  return said.obstacles.flatMap((obstacle) => {
    const key = keyOf(obstacle)
    if (!key || !obstacle.limit) return []
    const { limit, active } = obstacle.limit
    const stored = limits.get(key)
    const wrong = `explain of ${run.id} (${wordsOf(said)})`
    return [
      ...(stored && (stored.limit !== limit || stored.active !== active)
        ? [`${wrong} says ${active} of ${limit} for ${key}, stored are ${stored.active} of ${stored.limit}`]
        : []),
      ...(!ahead || obstacle.runs_ahead === (ahead.get(key) ?? 0)
        ? []
        : [`${wrong} counts ${obstacle.runs_ahead} ahead for ${key}, there are ${ahead.get(key) ?? 0}`]),
    ]
  })
}

/** The room that a limit has once what is named of it is out of the way. */
function roomWithout(key: LimitKey, named: readonly Obstacle[], { picture }: Moment): number {
  const reasons = named.filter((one) => keyOf(one) === key).map(({ reason }) => reason)
  if (reasons.some((reason) => ['full', 'behind_others', 'missing'].includes(reason))) return Infinity
  const limit = picture.limits.get(key)
  return roomOf(limit && reasons.length > 0 ? { ...limit, paused: false, deleting: false } : limit)
}

/** Takes obstacles out of a run's way, as an operator would. Returns whether that was possible. */
export async function clear(
  fork: Fork,
  run: FlowRun,
  obstacles: readonly Obstacle[],
  moment: Moment,
): Promise<boolean> {
  // Time last: what falls due meanwhile finds all as it is going to be.
  const inOrder = obstacles.toSorted((a, b) => Number(a.reason === 'not_due') - Number(b.reason === 'not_due'))
  for (const obstacle of inOrder) if (!(await clearOne(fork, run, obstacle, moment))) return false
  return true
}

async function clearOne(fork: Fork, run: FlowRun, { reason, limit }: Obstacle, moment: Moment): Promise<boolean> {
  if (reason === 'not_due') {
    const due = run.nextScheduledStartTime ?? run.expectedStartTime
    fork.clock.moveTo(due)
    return true
  }
  if (reason === 'counting') return await countUp(fork, limit)
  const change = { paused: { is_paused: false }, full: UNCAPPED, behind_others: UNCAPPED }[reason]
  if (!change || !limit) return false
  const { status, body } = await changeLimit(fork, limit, change, moment)
  if (status >= 300) throw new Error(`a ${limit.kind} could not be changed: ${status} ${JSON.stringify(body)}`)
  return true
}

/** Lets a limit count until it opens; that begins when the clock that noted the last look is reached. */
async function countUp(fork: Fork, limit: Obstacle['limit']): Promise<boolean> {
  const isCounting = () => limit && momentOf(fork).picture.limits.get(`${limit.kind}#${limit.id}`)?.counting
  for (let looks = 0; looks < COUNTING.looks && isCounting(); looks += 1) {
    fork.pass(COUNTING.seconds)
    await fork.sweep()
  }
  return !isCounting()
}

const UNCAPPED = { concurrency_limit: null }

/** Changes a limit as an operator does. */
export async function changeLimit(
  fork: Fork,
  { kind, id }: Pick<NonNullable<Obstacle['limit']>, 'kind' | 'id'>,
  change: { is_paused: boolean } | { concurrency_limit: null },
  { places }: Moment,
) {
  const queue = places.queues.get(id)
  const pool = places.pools.get(queue?.poolId ?? id)
  if (kind === 'deployment') return await fork.call('updateDeployment', { id }, change as { concurrency_limit: null })
  if (!pool) throw new Error(`no pool of ${kind} ${id}`)
  if (kind === 'queue' && queue)
    return await fork.call('updateWorkQueue', { pool: pool.name, queue: queue.name }, change)
  return await fork.call('updateWorkPool', { name: pool.name }, change)
}
