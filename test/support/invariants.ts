import { ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb'
import { isStopped, parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { phaseOf } from '#shared/flow-run/phase.ts'
import { isTerminal, type StateType } from '#shared/flow-run/state.ts'
import { availableOf, type LimitKey } from '#shared/limit/limit.ts'
import { fromItem, type Item } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { decodeRun, detailsPlaceOf } from '#shared/storage/flow-run/run-codec.ts'
import { decodeDetails } from '#shared/storage/flow-run/run-details.ts'
import type { SimulatedEcs } from './ecs/simulated-ecs.ts'

/** A limit as stored, read without the code under test. */
interface LimitItem {
  key: LimitKey
  limit: number | null
  active: number
  available: number
  paused: boolean
  moves: number
  counting: boolean
}

/** All runs and limits at one moment. */
export interface Snapshot {
  runs: FlowRun[]
  limits: LimitItem[]
  /** Where the index finds each run, and where it should. */
  misplaced: string[]
}

/** Reads everything. One scan of a table below 1 MB sees one committed state, between any two transactions. */
export async function takeSnapshot(table: Table): Promise<Snapshot> {
  const items: Record<string, unknown>[] = []
  let after: Item | undefined
  do {
    const request = { TableName: table.name, ConsistentRead: true, ExclusiveStartKey: after }
    const page: ScanCommandOutput = await table.client.send(new ScanCommand(request))
    items.push(...(page.Items ?? []).map(fromItem))
    after = page.LastEvaluatedKey
  } while (after)
  const runItems = items.filter((item) => item.sk === 'run')
  return {
    runs: runItems.map(readRunItem),
    limits: items.filter((item) => item.sk === 'limit').map(readLimitItem),
    misplaced: runItems.filter(isMisplaced).map((item) => `${String(item.pk)} is filed under ${String(item.phase)}`),
  }
}

function readRunItem(item: Record<string, unknown>): FlowRun {
  return decodeRun(item, decodeDetails(detailsPlaceOf(item).inline ?? '{}'))
}

function isMisplaced(item: Record<string, unknown>): boolean {
  const { phase, sort } = phaseOf(readRunItem(item))
  return item.phase !== phase || item.phaseSort !== sort
}

function readLimitItem(item: Record<string, unknown>): LimitItem {
  return {
    key: String(item.pk).slice('limit#'.length) as LimitKey,
    limit: (item.limit as number | undefined) ?? null,
    active: item.active as number,
    available: item.available as number,
    paused: item.paused as boolean,
    moves: item.moves as number,
    counting: item.countingSince !== undefined,
  }
}

/** Repeated here, so that the code can't omit one: in these, work may go on or is not proven stopped (I2). */
const HOLDING: ReadonlySet<StateType> = new Set(['PENDING', 'RUNNING', 'CANCELLING'])

/** How many runs hold a slot of each limit: the runs are the ledger. */
function slotsHeld(runs: readonly FlowRun[]): Map<LimitKey, number> {
  const held = new Map<LimitKey, number>()
  for (const slot of runs.flatMap((run) => run.claim?.slots ?? [])) held.set(slot, (held.get(slot) ?? 0) + 1)
  return held
}

/**
 * What must be true in every committed state: counts equal the ledger (I3, I13), ended runs hold nothing, active runs in
 * a pool hold slots, and the index finds every run where its state belongs (I4).
 */
export function ledgerProblems({ runs, limits, misplaced }: Snapshot): string[] {
  const held = slotsHeld(runs)
  const wrongCounts = limits.flatMap(({ key, limit, active, available }) => [
    ...(active === (held.get(key) ?? 0) ? [] : [`${key} counts ${active} holders, there are ${held.get(key) ?? 0}`]),
    ...(active < 0 ? [`${key} counts ${active} holders`] : []),
    ...(available === availableOf(limit, active)
      ? []
      : [`${key} has ${available} available of ${limit}, ${active} held`]),
  ])
  const known = new Set(limits.map(({ key }) => key))
  const unknown = [...held.keys()].filter((key) => !known.has(key)).map((key) => `slots of ${key}, which is no more`)
  const wrongHolds = runs.flatMap((run) => {
    const { id, state, claim, poolId } = run
    if (isTerminal(state.type) && claim) return [`run ${id} is ${state.type} and holds slots`]
    if (HOLDING.has(state.type) && poolId && !claim?.slots.length) return [`run ${id} is ${state.type} without slots`]
    return []
  })
  return [...wrongCounts, ...unknown, ...wrongHolds, ...misplaced]
}

/** I1: each claim of a run starts at most one ECS task. */
export function doubleLaunches(ecs: SimulatedEcs): string[] {
  const byClaim = Map.groupBy(ecs.started, (task) => task.request.startedBy)
  return [...byClaim].flatMap(([claim, tasks]) => (tasks.length > 1 ? [`${tasks.length} tasks for ${claim}`] : []))
}

/** I9: ECS tasks that are alive although no run needs them. */
export function orphanTasks({ runs }: Snapshot, ecs: SimulatedEcs): string[] {
  const byId = new Map(runs.map((run) => [run.id, run]))
  return ecs.alive().flatMap(({ news }) => {
    const subject = parseStartedBy(news.startedBy)
    const run = subject && byId.get(subject.id)
    const wanted = run?.claim && run.generation === subject?.generation && run.life === subject.life
    return wanted || isStopped(news) ? [] : [`task ${news.taskArn} of ${news.startedBy} is ${news.lastStatus}`]
  })
}
