import { TICK_SECONDS } from '#shared/bounds.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { limitItemKey } from '#shared/storage/dynamo/table.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import type { Moment } from '../judge.ts'
import { momentOf } from '../starts.ts'
import { ledgerProblems, uncountedHolders } from '../writes/ledgers.ts'
import { keepBusy } from './jam.ts'
import { spread } from './spread.ts'

/** Sweeps while the index stands still: for less than what the product takes to be impossible. */
const BLIND = [1, TICK_SECONDS, TICK_SECONDS, TICK_SECONDS]
/** And after that, as many as a count that is not proven to be wrong takes, twice: some are of each third tick. */
const SEEING = Array.from({ length: 9 }, () => TICK_SECONDS)
const RAISED = 5
const TORN_SHARE = 0.3
const BUSY_SHARE = 0.3

/**
 * Lets slots be counted where that is hard, in a fork: claims that no index shows, first limits of deployments whose runs
 * are held, a run that is always written by others, and counts that are off, as after a restore of half a backup. Says
 * where a count goes wrong, or is left so.
 */
export async function countProblems(fork: Fork, chance: Chance): Promise<string[]> {
  const limited = await spread(fork, momentOf(fork), chance.of('spread'))
  await serve(fork, momentOf(fork), chance.of('serve'))
  const newlyHeld = await create(fork, momentOf(fork), chance.of('create'))
  fork.table.holdsBack = () => true
  if (limited)
    await fork.call('updateDeployment', { id: limited.slice('deployment#'.length) }, { concurrency_limit: RAISED })
  await fork.tick()
  const release = await limitFirst(fork, momentOf(fork), newlyHeld, chance.of('first'))
  const wrong = await watched(fork, BLIND)
  release()
  fork.table.holdsBack = () => false
  fork.table.catchUp()
  if (wrong.length > 0) return wrong
  // A process that has counted before would take its word for it.
  const restored = fork.fork()
  tear(restored, momentOf(restored), chance.of('tear'))
  let left: string[] = []
  for (const seconds of SEEING) left = await sweepAfter(restored, seconds)
  const { picture } = momentOf(restored)
  const counting = [...picture.limits.values()].filter(({ counting: counts, limit }) => counts && limit !== null)
  return [...left, ...counting.map(({ key }) => `${key} counts its holders, whatever time it has`)]
}

/** Lets processes that are in no pool begin runs of a deployment with a limit. */
async function serve(fork: Fork, { places, picture }: Moment, chance: Chance): Promise<void> {
  const [run] = picture.runs.values()
  const id = chance.pick([...places.deployments].filter((each) => picture.caps.get(each) !== null))
  if (!run || id === undefined) return
  await fork.call('createFlowRun', { flow_id: run.flowId, deployment_id: id, state: { type: 'RUNNING' } })
}

/** Creates runs of a deployment that has no limit, which nobody has started. */
async function create(fork: Fork, { places, picture }: Moment, chance: Chance): Promise<string | undefined> {
  const id = chance.pick([...places.deployments].filter((each) => !picture.limits.has(`deployment#${each}`)))
  if (id === undefined) return undefined
  for (let n = 0; n < 2; n += 1) await fork.call('createFlowRunFromDeployment', { id }, {})
  return id
}

/** Gives deployments their first limit whose runs are held. Returns what ends the trouble with one of these. */
async function limitFirst(
  fork: Fork,
  { picture }: Moment,
  also: string | undefined,
  chance: Chance,
): Promise<() => void> {
  const held = [...picture.runs.values()].filter((run) => run.claim && isUnlimited(run, picture))
  const ids = new Set(held.map(({ deploymentId }) => deploymentId as string).concat(also ?? []))
  const busy = chance.hits(BUSY_SHARE) ? chance.pick(held) : undefined
  const release = busy ? keepBusy(fork, busy) : () => undefined
  for (const id of ids) await fork.call('updateDeployment', { id }, { concurrency_limit: 1 })
  return release
}

function isUnlimited({ deploymentId }: FlowRun, { limits }: Moment['picture']): boolean {
  return deploymentId !== null && !limits.has(`deployment#${deploymentId}`)
}

/** Takes some counts one off, as nothing in the product does; not those by which a first limit finds its holders. */
function tear({ table }: Fork, { picture }: Moment, chance: Chance): void {
  const isCounting = [...picture.limits.values()].some((limit) => limit.counting && limit.limit !== null)
  for (const { key, active, counting } of picture.limits.values()) {
    const [kind, id = ''] = key.split('#')
    // Of deployments, those are judged that have a cap and have counted.
    const judged =
      kind === 'pool' ? !isCounting : kind !== 'deployment' || (!counting && (picture.caps.get(id) ?? null) !== null)
    if (!judged || !chance.of(key).hits(TORN_SHARE)) continue
    const by = active > 0 && chance.of(`${key} less`).hits(0.5) ? -1 : 1
    const update = 'SET #active = #active + :by, #available = #available - :by'
    table.answer('UpdateItemCommand', { ...keyOf(table, limitItemKey(key)), ...express({ update, values: { by } }) })
  }
}

async function watched(fork: Fork, pauses: readonly number[]): Promise<string[]> {
  for (const seconds of pauses) {
    const wrong = await sweepAfter(fork, seconds)
    if (wrong.length > 0) return wrong
  }
  return []
}

/** What is wrong after the next sweep, in which nothing but counting is hard. */
async function sweepAfter(fork: Fork, seconds: number): Promise<string[]> {
  fork.pass(seconds)
  const failures = await fork.sweep()
  await fork.deliver()
  const { picture } = momentOf(fork)
  const failed = failures > 0 ? ['I7 a part of the sweep failed, and nothing stood in its way'] : []
  return [...failed, ...ledgerProblems(picture), ...uncountedHolders(picture)]
}
