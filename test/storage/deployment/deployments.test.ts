import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ITEM_BYTES_MAX } from '#shared/bounds.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { adoptHolders, type Holder } from '#shared/storage/deployment/adopt-holders.ts'
import { deleteDeployment, markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { encodeDeployment } from '#shared/storage/deployment/deployment-codec.ts'
import { getDeployment, getStoredDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import { fitsItem, putDeployment } from '#shared/storage/deployment/put-deployment.ts'
import { recordDeploymentPoll } from '#shared/storage/deployment/record-deployment-poll.ts'
import { renamePlace } from '#shared/storage/deployment/rename-place.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { deletionKey } from '#shared/storage/dynamo/table.ts'
import { createFlow } from '#shared/storage/flow/create-flow.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { newDeploymentLimitItem } from '#shared/storage/limit/deployment-limit-actions.ts'
import { getLimits, listLimits } from '#shared/storage/limit/get-limits.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aDeployment } from '../../support/fixtures/a-deployment.ts'
import { aFlow } from '../../support/fixtures/a-flow.ts'
import { aClaim, at, FLOW_ID, LIFE, runIn, T0 } from '../../support/fixtures/a-run.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'
import { changesNothing, putItem } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await createFlow(world.table, aFlow())
})
afterAll(() => world.close())

const OTHER_LIFE = 'fedcba9876543210'
const FIRST_LIMIT = { before: undefined, limit: 2, cancelNew: false, countingSince: null }
let deployment: Deployment
beforeEach(() => {
  deployment = aDeployment({ id: world.ids.uuid() })
})

const put = (
  of: Deployment,
  before: { life?: string; revision: number } | null,
  limit?: Parameters<typeof putDeployment>[1]['limit'],
) =>
  putDeployment(world.table, {
    before: before && { deployment: { ...of, life: before.life ?? of.life }, revision: before.revision },
    deployment: of,
    limit,
  })
const create = async (limit = false, cancelNew = false) =>
  await put(deployment, null, limit ? { ...FIRST_LIMIT, cancelNew } : undefined)
const limitOf = async ({ id }: Deployment) =>
  (await getLimits(world.table, [deploymentLimit(id)])).get(deploymentLimit(id))

describe('writing a deployment', () => {
  it('writes it once as new, then each time on what was read, with its limit', async () => {
    expect(await create(true)).toBe('stored')
    expect(await changesNothing(world.table, () => create())).toBe('outdated')
    const changed = { ...deployment, version: '2' }
    const before = await limitOf(deployment)
    const limit = { before, limit: null, cancelNew: true, countingSince: null }
    expect(await put(changed, { revision: 1 }, limit)).toBe('stored')
    expect(await getStoredDeployment(world.table, deployment.id)).toEqual({ deployment: changed, revision: 2 })
    expect(await limitOf(deployment)).toMatchObject({ limit: null, cancelNew: true })
    expect(await changesNothing(world.table, () => put(changed, { revision: 1 }))).toBe('outdated')
    expect(await changesNothing(world.table, () => put(changed, { revision: 2, life: OTHER_LIFE }))).toBe('outdated')
  })

  it('writes nothing without its flow, or beside a limit that is not as it was read', async () => {
    const loose = { ...deployment, flowId: FLOW_ID.replaceAll('1', '0') }
    expect(await changesNothing(world.table, () => put(loose, null))).toBe('flow_gone')
    await create(true)
    expect(await changesNothing(world.table, () => put(deployment, { revision: 1 }, FIRST_LIMIT))).toBe('outdated')
  })
})

it('deployments are listed by name, and fit an item up to its size', async () => {
  const fresh = await openWorld()
  onTestFinished(() => fresh.close())
  const { table } = fresh
  await createFlow(table, aFlow())
  for (const name of ['b', 'c', 'a']) {
    await putDeployment(table, { before: null, deployment: aDeployment({ id: name, name }) })
  }
  expect((await listDeployments(table)).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  const of = (length: number) => fitsItem(aDeployment({ description: 'x'.repeat(length) }))
  let [fits, tooMany] = [0, ITEM_BYTES_MAX]
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2)
    if (of(middle)) fits = middle
    else tooMany = middle
  }
  const { json } = encodeDeployment({ deployment: aDeployment({ description: 'x'.repeat(fits) }), revision: 0 })
  expect(Buffer.byteLength(json)).toBe(ITEM_BYTES_MAX)
})

describe('a poll for the runs of a deployment', () => {
  it('is recorded every 15 seconds at most, and brings none back that was deleted', async () => {
    const poll = (seconds: number) => recordDeploymentPoll(world.table, deployment.id, at(seconds))
    const polled = async () => (await getDeployment(world.table, deployment.id))?.lastPolled
    await changesNothing(world.table, () => poll(0))
    await create()
    for (const [seconds, recorded] of [
      [0, 0],
      [15, 0],
      [16, 16],
    ] as const) {
      await poll(seconds)
      expect(await polled()).toBe(at(recorded))
    }
  })
})

describe('deleting a deployment', () => {
  const mark = (life = LIFE) => markDeploymentDeleting(world.table, { ...deployment, life }, T0)
  const remove = (life = LIFE) => deleteDeployment(world.table, { id: deployment.id, life })

  it('is written down, and makes changes void that were decided before', async () => {
    await create()
    expect(await changesNothing(world.table, () => mark(OTHER_LIFE))).toBe(false)
    expect(await mark()).toBe(true)
    expect(await getItem(world.table, deletionKey('deployment', deployment))).toMatchObject({ life: LIFE, due: at(30) })
    expect(await put(deployment, { revision: 1 })).toBe('outdated')
    expect(await getDeployment(world.table, deployment.id)).toEqual({ ...deployment, deleting: true })
  })

  it('removes that life of it once it is marked, and takes its limit out of sight of the ticks', async () => {
    await create(true, true)
    expect(await changesNothing(world.table, () => remove())).toBe(false)
    await mark()
    expect(await changesNothing(world.table, () => remove(OTHER_LIFE))).toBe(false)
    const listed = async () => (await listLimits(world.table, 'cancel-new')).map(({ key }) => key)
    expect(await listed()).toContain(deploymentLimit(deployment.id))
    expect(await remove()).toBe(true)
    expect(await getDeployment(world.table, deployment.id)).toBeUndefined()
    expect(await listed()).not.toContain(deploymentLimit(deployment.id))
    expect(await limitOf(deployment)).toMatchObject({ limit: 2, cancelNew: false })
  })

  it.each([
    { before: null, since: at(1) },
    { before: at(1), since: null },
  ])('decides again when its limit has begun to count, or ended: %o', async ({ before, since }) => {
    await put(deployment, null, { ...FIRST_LIMIT, cancelNew: true, countingSince: before })
    await mark()
    let raced = false
    const { table } = withInterceptor(world, async ({ name }, go) => {
      const answer = await go()
      if (name !== 'dynamodb BatchGetItemCommand' || raced) return answer
      raced = true
      const limit = { ...FIRST_LIMIT, cancelNew: true, countingSince: since }
      await putItem(world.table, newDeploymentLimitItem(deployment.id, limit))
      return answer
    })
    expect(await deleteDeployment(table, deployment)).toBe(true)
    expect(raced).toBe(true)
    const counting = (await listLimits(world.table, 'counting')).map(({ key }) => key)
    expect(counting.includes(deploymentLimit(deployment.id))).toBe(since !== null)
  })
})

describe('lending slots of a first limit to runs that are held', () => {
  it('lends all of them one each, past the cap, or none when one has changed', async () => {
    const key = deploymentLimit(deployment.id)
    const runs = [0, 1, 2].map(() => runIn('RUNNING', { id: world.ids.uuid(), claim: aClaim({ slots: ['pool#p'] }) }))
    for (const run of runs) await createRun(world.table, run)
    const holders = runs as Holder[]
    const adopt = (of = holders) => changesNothing(world.table, () => adoptHolders(world.table, key, of))
    expect(await adopt()).toBe(false)
    await putLimits(world.table, { [key]: 1 })
    const other = (change: Partial<Holder>) => holders.map((each, n) => (n === 1 ? { ...each, ...change } : each))
    expect(await adopt(other({ life: OTHER_LIFE }))).toBe(false)
    expect(await adopt(other({ revision: 7 }))).toBe(false)
    expect(await adoptHolders(world.table, key, holders)).toBe(true)
    expect(await limitOf(deployment)).toMatchObject({ active: 3, available: -2, moves: 1 })
    const lent = await Promise.all(runs.map(({ id }) => getRun(world.table, id)))
    expect(lent).toEqual(runs.map((run) => ({ ...run, revision: 1, claim: aClaim({ slots: ['pool#p', key] }) })))
    const [run] = runs
    expect(run && (await saveRun(world.table, run, { ...run, infrastructurePid: '1' }))).toBe(false)
  })
})

describe('a deployment whose queue is renamed', () => {
  it('follows, as long as it is in that queue, of that life and not being deleted', async () => {
    const queue = { id: 'q2', name: 'new' }
    const rename = (change: Partial<Deployment> = {}) => renamePlace(world.table, { ...deployment, ...change }, queue)
    await create()
    await changesNothing(world.table, () => rename({ queueId: 'another' }))
    await changesNothing(world.table, () => rename({ life: OTHER_LIFE }))
    await rename()
    expect(await getDeployment(world.table, deployment.id)).toMatchObject({ queueId: 'q2', queueName: 'new' })
    await markDeploymentDeleting(world.table, deployment, T0)
    await changesNothing(world.table, () =>
      renamePlace(world.table, { ...deployment, queueId: 'q2' }, { id: 'q3', name: 'x' }),
    )
  })

  it('follows also when another write comes first', async () => {
    await create()
    let raced = false
    const { table } = withInterceptor(world, async ({ name }, go) => {
      const answer = await go()
      if (name === 'dynamodb GetItemCommand' && !raced) {
        raced = true
        await put({ ...deployment, version: '2' }, { revision: 1 })
      }
      return answer
    })
    await renamePlace(table, deployment, { id: 'q2', name: 'new' })
    expect(await getDeployment(world.table, deployment.id)).toMatchObject({ version: '2', queueName: 'new' })
  })
})
