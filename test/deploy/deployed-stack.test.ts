import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { WAKE_UP_AHEAD_SECONDS } from '#shared/bounds.ts'
import type { Json } from '../support/api.ts'
import { until } from '../support/until.ts'
import { bootstrap, deploy, destroy, differences, type Outputs, synthesize } from './support/cdk.ts'
import { changedCopy } from './support/changed-copy.ts'
import { ContainerAgent, firstLaunchOf } from './support/container-agent.ts'
import { type Emulator, startEmulator } from './support/emulator.ts'
import { firstKey } from './support/first-key.ts'
import { functionLogs, logGroups } from './support/function-logs.ts'
import { recordedCalls } from './support/recorded-calls.ts'
import { openApi, type StackApi } from './support/stack-api.ts'
import { queueUrls, StackQueue } from './support/stack-queue.ts'

/**
 * The stack as deployed by `cdk deploy`, functions and permissions included, in an emulator of AWS, from first key to end.
 * Each test continues where the one before left the stack. Where the emulator differs from AWS, a comment here or in
 * support/emulator/ says what AWS does.
 */
const python = inject('emulatorPython')
const DEPLOY_TIMEOUT_MS = 300_000
/** Functions start cold, on a machine that may be busy. */
const SOON_MS = 60_000
/** Too far off for a wake-up when the run is created, so a tick launches it. */
const LATER_MS = (WAKE_UP_AHEAD_SECONDS + 5) * 1_000

describe.skipIf(python === null)('the stack, deployed', () => {
  let emulator: Emulator
  let assembly: string
  let outputs: Outputs
  let api: StackApi
  let agent: ContainerAgent
  let wakeUps: StackQueue
  let runs: Json[]
  let laterRun: Json

  beforeAll(async () => {
    emulator = await startEmulator(python ?? '')
    assembly = await synthesize(emulator)
    await bootstrap(emulator, assembly)
    outputs = await deploy(emulator, assembly)
    agent = new ContainerAgent(emulator, outputs.ClusterArn)
    wakeUps = await StackQueue.find(emulator, 'WakeUpsQueue')
  }, DEPLOY_TIMEOUT_MS)
  afterAll(async () => await emulator?.stop())

  /** The functions' warnings, failures and reasons so far. */
  const complaints = async (): Promise<Json[]> => {
    const names = ['Api', 'Authorizer', 'Dispatcher', 'TaskEvents', 'Sweeper']
    const lines = await Promise.all(names.map((name) => functionLogs(emulator, name)))
    return lines.flat().filter(({ level, reason }) => level === 'WARN' || level === 'ERROR' || reason)
  }
  const soon = <T>(what: string, condition: () => T | Promise<T>, timeoutMs = SOON_MS) =>
    until(what, condition, timeoutMs).catch(async (error: unknown) => {
      throw new Error(`${String(error)}; the functions said ${JSON.stringify(await complaints())}`, { cause: error })
    })
  const readRun = ({ id }: Json): Promise<Json> => api.call('GET', `/flow_runs/${id}`)
  const becomes = (run: Json, type: string) =>
    soon(`run ${run.name} is ${type}`, async () => (await readRun(run)).state_type === type)
  /** Launches of these runs, each call of RunTask being one. */
  const launches = async (of: Json[]): Promise<Json[]> => {
    const marks = of.map(({ id }) => firstLaunchOf(id))
    const calls = await recordedCalls(emulator, 'RunTask')
    return calls.filter(({ startedBy }) => marks.some((mark) => mark.test(startedBy)))
  }
  const launched = (count: number) =>
    soon(`${count} tasks have been started`, async () => (await launches(runs)).length >= count)
  /** All wake-ups have been processed. */
  const calm = () => soon('no wake-up is left', async () => (await wakeUps.depth()) === 0)
  const createRun = (deployment: Json, name: string, scheduledTime?: string): Promise<Json> =>
    api.call('POST', `/deployments/${deployment.id}/create_flow_run`, {
      name,
      state: { type: 'SCHEDULED', state_details: scheduledTime ? { scheduled_time: scheduledTime } : {} },
    })

  it('reports its health to anyone, and nothing else without a key', async () => {
    const nobody = openApi(emulator.endpoint, outputs.ApiUrl)
    expect(await nobody.send('GET', '/health')).toEqual({ status: 200, body: true })
    expect(await nobody.send('POST', '/work_pools/filter', {})).toMatchObject({ status: 401 })
    const stranger = openApi(emulator.endpoint, outputs.ApiUrl, `pp_${'0'.repeat(18)}_${'A'.repeat(43)}`)
    expect(await stranger.send('POST', '/work_pools/filter', {})).toMatchObject({ status: 401 })
  })

  it('creates the first key with the command that it prints', async () => {
    const key = await firstKey(emulator, outputs)
    api = openApi(emulator.endpoint, outputs.ApiUrl, key)
    expect(await api.call('POST', '/work_pools/filter', {})).toEqual([])
  })

  it('starts as many ECS tasks as the limit allows, as soon as runs are created', async () => {
    const pool = await api.call('POST', '/work_pools/', { name: 'push', type: 'ecs:push' })
    await api.call('POST', '/work_pools/push/queues', { name: 'two', concurrency_limit: 2 })
    const flow = await api.call('POST', '/flows/', { name: 'etl' })
    const job_variables = { image: 'example/etl:1', command: ['load', '--all'], env: { STAGE: 'test' } }
    const common = { flow_id: flow.id, work_pool_name: pool.name, job_variables }
    const deployment = await api.call('POST', '/deployments/', { ...common, name: 'now', work_queue_name: 'two' })
    const later = await api.call('POST', '/deployments/', { ...common, name: 'later', work_queue_name: 'default' })
    laterRun = await createRun(later, 'later', new Date(Date.now() + LATER_MS).toISOString())
    runs = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) runs.push(await createRun(deployment, name))
    await launched(2)
    await calm()
    expect(await launches(runs)).toHaveLength(2)
    const states = await Promise.all(runs.map(async (run) => (await readRun(run)).state_type))
    expect(states).toEqual(['PENDING', 'PENDING', 'SCHEDULED', 'SCHEDULED', 'SCHEDULED'])
  })

  it('passes to ECS what to run, for whom and where', async () => {
    const [run] = runs
    const [input] = await launches([run])
    const variables = { STAGE: 'test', PUSHPOOL_API_URL: outputs.ApiUrl, PUSHPOOL_RUN_ID: run.id }
    expect(input).toMatchObject({
      cluster: outputs.ClusterArn,
      launchType: 'FARGATE',
      count: 1,
      startedBy: expect.stringMatching(firstLaunchOf(run.id)),
      taskDefinition: expect.stringMatching(/:task-definition\/pushpool-\w+:1$/),
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [expect.stringMatching(/^subnet-/), expect.stringMatching(/^subnet-/)],
          securityGroups: [expect.stringMatching(/^sg-/)],
          assignPublicIp: 'ENABLED',
        },
      },
      overrides: {
        containerOverrides: [
          {
            name: 'main',
            command: ['load', '--all'],
            environment: expect.arrayContaining(Object.entries(variables).map(([name, value]) => ({ name, value }))),
          },
        ],
      },
      tags: expect.arrayContaining([{ key: 'pushpool:run', value: run.id }]),
    })
    const definitions = await recordedCalls(emulator, 'RegisterTaskDefinition')
    expect(definitions).toHaveLength(1)
    expect(definitions[0]).toMatchObject({
      containerDefinitions: [
        {
          image: 'example/etl:1',
          logConfiguration: { options: { 'awslogs-group': outputs.TaskLogGroup, 'awslogs-region': 'eu-central-1' } },
        },
      ],
    })
  })

  it('ends runs as their commands end, and gives their slots to the next', async () => {
    const [a, b, c, d, e] = runs
    await agent.starts(a.id)
    await agent.starts(b.id)
    await becomes(a, 'RUNNING')
    await becomes(b, 'RUNNING')
    await agent.exits(a.id, 0)
    await becomes(a, 'COMPLETED')
    await becomes(c, 'PENDING')
    await agent.exits(b.id, 3)
    await becomes(b, 'FAILED')
    expect((await readRun(b)).state.message).toContain('exited with code 3')
    await becomes(d, 'PENDING')
    await launched(4)
    await calm()
    expect(await launches(runs)).toHaveLength(4)
    expect((await readRun(e)).state_type).toBe('SCHEDULED')
  })

  it('stops the ECS task of a cancelled run before the run is Cancelled', async () => {
    const [, , c, , e] = runs
    await agent.starts(c.id)
    await becomes(c, 'RUNNING')
    const [task] = await agent.tasks(c.id)
    await api.call('POST', `/flow_runs/${c.id}/set_state`, { state: { type: 'CANCELLING' } })
    await becomes(c, 'CANCELLED')
    const stops = await recordedCalls(emulator, 'StopTask')
    expect(new Set(stops.map((call) => call.task))).toEqual(new Set([task]))
    await becomes(e, 'PENDING')
    const { queues } = await api.call('POST', '/work_pools/push/concurrency_status', {})
    expect(queues).toContainEqual(expect.objectContaining({ queue_name: 'two', active_slots: 2, concurrency_limit: 2 }))
  })

  it('drops an unreadable message, and counts it', async () => {
    await wakeUps.send('not a wake-up')
    const counted = async () => (await functionLogs(emulator, 'Dispatcher')).find((line) => line.MessagesDropped)
    expect(await soon('the message is counted', counted)).toMatchObject({ MessagesDropped: 1 })
    await calm()
    expect(await (await StackQueue.find(emulator, 'WakeUpsDeadLetters')).depth()).toBe(0)
  })

  it('moves a message that failed five times to the dead-letter queue', async () => {
    const deadLetters = await StackQueue.find(emulator, 'WakeUpsDeadLetters')
    // On AWS as here, a message that failed stays hidden for six times the function's timeout: too long to wait.
    await wakeUps.hideFailed(1)
    // The dispatcher has no permission for tasks on other clusters, so this can't succeed.
    const taskArn = `${outputs.ClusterArn.replace(':cluster/', ':task/')}-of-others/0123456789abcdef`
    const order = JSON.stringify({ stop: { taskArn, reason: 'test' } })
    await wakeUps.send(order)
    expect(await soon('the message is set aside', () => deadLetters.receive().then(([body]) => body))).toBe(order)
    const failures = (await functionLogs(emulator, 'Dispatcher')).filter((line) => line.message === 'task not stopped')
    expect(failures).toHaveLength(5)
    expect(failures[0].reason).toContain('is not authorized to perform: ecs:StopTask')
    await calm()
  })

  it('deploys only a changed function, and leaves the table untouched', async () => {
    const client = new DynamoDBClient(emulator.clientOptions)
    const describeTable = async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: outputs.TableName }))
      return { id: Table?.TableId, created: Table?.CreationDateTime }
    }
    const before = await describeTable()
    expect(before.id).toBeDefined()
    const change = await synthesize(emulator, changedCopy(mkdtempSync(join(emulator.folder, 'copy-')), '99.0.0'))
    expect(await differences(emulator, change)).toEqual(['AWS::Lambda::Function'])
    await deploy(emulator, change)
    expect(await describeTable()).toEqual(before)
    expect(await api.call('GET', '/admin/version')).toBe('99.0.0')
    expect((await readRun(runs[0])).state_type).toBe('COMPLETED')
  })

  it('launches by a tick a run that was too far off for a wake-up, and sweeps', async () => {
    const isLaunched = async () => (await agent.tasks(laterRun.id)).length === 1
    await soon('the later run is launched', isLaunched, LATER_MS + SOON_MS)
    const sweeps = (await functionLogs(emulator, 'Sweeper')).filter((line) => line.message === 'sweep done')
    expect(sweeps.length).toBeGreaterThan(0)
    expect(sweeps.at(-1)).toMatchObject({ failures: 0, drift: 0 })
  })

  it('logs no warnings but the expected ones', async () => {
    const told = (await complaints()).map(({ message }) => message)
    expect(new Set(told)).toEqual(new Set(['API key refused', 'unreadable wake-up dropped', 'task not stopped']))
  })

  it('leaves nothing behind when destroyed', async () => {
    await destroy(emulator, assembly)
    const client = new DynamoDBClient(emulator.clientOptions)
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([])
    expect(await queueUrls(emulator)).toEqual([])
    expect(await logGroups(emulator)).toEqual([])
    expect(await api.send('GET', '/health')).toMatchObject({ status: 404 })
  })
})
