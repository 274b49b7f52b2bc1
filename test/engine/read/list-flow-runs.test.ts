import { BatchGetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SCAN_RUNS_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { countFlowRuns, listFlowRuns } from '#shared/engine/read/list-flow-runs.ts'
import { newState } from '#shared/flow-run/state.ts'
import { fromItem, type Item, toItem } from '#shared/storage/dynamo/expression.ts'
import { type Table, TIME_INDEX } from '#shared/storage/dynamo/table.ts'
import { encodeRun } from '#shared/storage/flow-run/run-codec.ts'
import { encodeDetails } from '#shared/storage/flow-run/run-details.ts'
import { aRun, at, someDetails } from '../../support/fixtures/a-run.ts'
import { createRuns, type PushPool, pushPool } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let deps: Deps
let pushed: PushPool
let runsRead = 0

/** A table whose list by time is endless: run after run is COMPLETED. All other reads are real. */
beforeAll(async () => {
  world = await openWorld()
  pushed = await pushPool(world)
  const send = world.table.client.send.bind(world.table.client) as (command: object) => Promise<unknown>
  const client = Object.create(world.table.client) as Table['client']
  client.send = ((command: object) => {
    if (command instanceof QueryCommand && command.input.IndexName === TIME_INDEX) return endlessPage(command)
    if (command instanceof BatchGetItemCommand) return endlessRuns(command, send)
    return send(command)
  }) as Table['client']['send']
  deps = { ...world, table: { ...world.table, client } }
})
beforeEach(() => {
  runsRead = 0
})
afterAll(() => world.close())

const ENDLESS = 'run#00000000-'

function endlessPage({ input }: QueryCommand) {
  const from = Number(input.ExclusiveStartKey?.n?.N ?? 0)
  const numbers = Array.from({ length: input.Limit ?? 0 }, (_, n) => from + n)
  const Items = numbers.map((n) =>
    toItem({ pk: `${ENDLESS}0000-7000-8000-${String(n).padStart(8, '0')}0000`, startAt: -n }),
  )
  return Promise.resolve({ Items, LastEvaluatedKey: toItem({ n: from + numbers.length }) })
}

async function endlessRuns(command: BatchGetItemCommand, send: (command: object) => Promise<unknown>) {
  const keys = command.input.RequestItems?.[world.table.name]?.Keys ?? []
  const pk = (key: Item) => String(fromItem(key).pk)
  runsRead += keys.filter((key) => pk(key).startsWith('run#')).length
  if (!keys.every((key) => pk(key).startsWith(ENDLESS))) return await send(command)
  return { Responses: { [world.table.name]: keys.map((key) => itemOf(pk(key).slice('run#'.length))) } }
}

function itemOf(id: string): Item {
  const run = aRun({
    id,
    state: newState('COMPLETED', at(1)),
    endTime: at(1),
    details: someDetails({ name: id.slice(-12, -4) }),
  })
  return toItem({ ...encodeRun(run), details: encodeDetails(run.details) })
}

describe('a list of very many runs', () => {
  it('reads little more than the page', async () => {
    const page = await listFlowRuns(deps, { filters: {}, offset: 2, limit: 10 })
    expect(page.map((run) => run.details.name)).toEqual(
      Array.from({ length: 10 }, (_, n) => `0000000${n + 2}`.slice(-8)),
    )
    expect(runsRead).toBeLessThanOrEqual(50)
  })

  it('is rejected with advice to narrow it before it reads too many', async () => {
    const filters = { flow_runs: { name: { any_: ['nowhere'] } } }
    const list = listFlowRuns(deps, { filters, offset: 0, limit: 1 })
    await expect(list).rejects.toMatchObject({
      code: 'too_broad',
      message: expect.stringContaining('narrow the filter'),
    })
    expect(runsRead).toBeLessThan(SCAN_RUNS_MAX * 1.1)
    await expect(countFlowRuns(deps, {})).rejects.toMatchObject({ code: 'too_broad' })
  })

  it('finds the few active ones without reading the many that have ended', async () => {
    const waiting = await createRuns(world, pushed.deployment, 3)
    for (const types of [['SCHEDULED'], ['SCHEDULED', 'RUNNING'], ['PENDING', 'PAUSED']] as const) {
      const filters = { flow_runs: { state: { type: { any_: types } } } }
      const found = await listFlowRuns(deps, { filters, offset: 0, limit: 10, sort: 'EXPECTED_START_TIME_ASC' })
      const expected = types.some((type) => type === 'SCHEDULED') ? waiting : []
      expect(found.map((run) => run.id)).toEqual(expected.map((run) => run.id))
    }
    expect(runsRead).toBe(6)
  })

  it("reads a deployment's runs from the deployment's index", async () => {
    const filters = { deployments: { id: { any_: [pushed.deployment.id] } } }
    expect(await countFlowRuns(deps, filters)).toBe(3)
    expect(runsRead).toBe(3)
  })

  it('finds the few that failed, day by day back to the first', async () => {
    await ensureFlow(world, { name: 'first', tags: [], labels: {} })
    const failed: string[] = []
    for (const days of [0, 1, 20]) {
      world.clock.pass(days * 24 * 3600)
      const [run] = await createRuns(world, pushed.deployment, 1)
      if (!run) throw new Error('no run')
      await setState(world, run.id, { type: 'FAILED' }, { force: true })
      failed.unshift(run.id)
    }
    runsRead = 0
    const filters = { flow_runs: { state: { type: { any_: ['FAILED' as const] } } } }
    const list = async (query: object) =>
      (await listFlowRuns(deps, { filters, offset: 0, limit: 10, ...query })).map((run) => run.id)
    expect(await list({})).toEqual(failed)
    expect(await list({ limit: 1, offset: 1 })).toEqual([failed[1]])
    expect(await list({ sort: 'EXPECTED_START_TIME_ASC' })).toEqual(failed.toReversed())
    expect(runsRead).toBe(9)
  })
})
