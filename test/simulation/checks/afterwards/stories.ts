import { addSeconds, formatInstant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import type { Moment } from '../judge.ts'
import { cutShort } from './cut-short.ts'

/** Of what a process started, this is long enough ago to be told from what it starts as it ends. */
const BEFORE_SECONDS = 120
/** Those that are due much later wait in a line of their own. */
const LATER_SECONDS = 24 * 3_600
const OPEN = { concurrency_limit: null }

/** A run calls a deployment, whose run waits; then it is cancelled. */
export async function leaveChild(fork: Fork, { picture, places }: Moment, chance: Chance): Promise<void> {
  const [run] = picture.runs.values()
  const deploymentId = chance.pick([...places.deployments])
  if (!run || deploymentId === undefined) return
  const running = { type: 'RUNNING' as const }
  const parent = await fork.call('createFlowRun', { flow_id: run.flowId, state: running })
  const id = parent.body.id as string
  const keys = { task_key: 'call', dynamic_key: '0' }
  const task = await fork.call('createTaskRun', { flow_run_id: id, ...keys, state: running })
  await fork.call('createFlowRunFromDeployment', { id: deploymentId }, { parent_task_run_id: task.body.id as string })
  fork.pass(BEFORE_SECONDS)
  await fork.call('setFlowRunState', { id }, { state: { type: 'CANCELLED', message: 'Enough.' } })
}

/** Has several runs handed out side by side in a push pool, by a process that may die over it. */
export async function crowdIn(fork: Fork, { picture, places }: Moment, chance: Chance): Promise<void> {
  const [run] = picture.runs.values()
  const pool = chance.pick([...places.pools.values()].filter(({ push }) => push))
  if (!run || !pool) return
  const { name } = pool
  for (const change of [OPEN, { is_paused: false }]) {
    await fork.call('updateWorkPool', { name }, change)
    await fork.call('updateWorkQueue', { pool: name, queue: 'default' }, change)
  }
  const body = { flow_id: run.flowId, work_pool_name: name, job_variables: { command: ['work'] } }
  for (let n = 0; n < 3; n += 1) await fork.call('createFlowRun', body)
  const { refuse } = fork.ecs
  if (chance.hits(0.5)) fork.ecs.refuse = () => new Error('no answer')
  await cutShort(fork, chance.of('tick'), () => fork.tick())
  fork.ecs.refuse = refuse
}

/** A run comes to a queue or pool that somebody is about to delete, and no index shows it until all of them catch up. */
export async function comeLate(
  fork: Fork,
  flowId: string,
  { pool, queue, later }: { pool: string; queue: string | undefined; later: boolean },
): Promise<void> {
  const due = formatInstant(addSeconds(fork.clock.at, LATER_SECONDS))
  fork.table.holdsBack = () => true
  await fork.call('createFlowRun', {
    flow_id: flowId,
    work_pool_name: pool,
    ...(queue === undefined ? {} : { work_queue_name: queue }),
    ...(later ? { state: { type: 'SCHEDULED', state_details: { scheduled_time: due } } } : {}),
    job_variables: { command: ['work'] },
  })
  fork.table.holdsBack = () => false
}
