import type { Caller } from '../outside/caller.ts'
import type { KnownRun } from '../outside/known.ts'
import { propose } from './propose.ts'
import { uuidOf } from './uuid-of.ts'
import type { Scene, Verb } from './verb.ts'

/** Runs a task of a flow run, at times one that calls another flow. */
export async function runTask(scene: Scene, client: Caller, run: KnownRun): Promise<void> {
  const task = await createTaskRun(scene, client, run)
  if (!task) return
  const { id } = task
  if (scene.chance.hits(0.4)) await callFlow(scene, client, id)
  const done = { type: 'COMPLETED' as const, state_details: { transition_id: uuidOf(scene) } }
  await client.call('setTaskRunState', { id }, { state: done })
}

async function createTaskRun(scene: Scene, client: Caller, run = scene.anyRun()) {
  const keys = { task_key: 'step', dynamic_key: String(scene.chance.whole(0, 2)) }
  const state = { type: 'RUNNING' as const, state_details: { transition_id: uuidOf(scene) } }
  const made = await client.call('createTaskRun', { flow_run_id: run?.id ?? null, ...keys, state })
  if (made === undefined || made.status >= 300) return undefined
  const task = { id: made.body.id as string, runId: run?.id ?? null }
  scene.known.taskRuns.push(task)
  return task
}

/** Another flow in the same process, which needs no slots, or a run of a deployment, which waits like any other. */
async function callFlow(scene: Scene, client: Caller, parentTaskRunId: string): Promise<void> {
  const deployment = scene.anyDeployment()
  if (!deployment) return
  if (scene.chance.hits(0.4)) {
    const made = await client.call(
      'createFlowRunFromDeployment',
      { id: deployment.id },
      { parent_task_run_id: parentTaskRunId },
    )
    if (made !== undefined && made.status < 300) scene.known.addRun(made.body.id as string, deployment)
    return
  }
  const body = { flow_id: deployment.flowId, parent_task_run_id: parentTaskRunId, state: { type: 'RUNNING' as const } }
  const made = await client.call('createFlowRun', body)
  if (made === undefined || made.status >= 300) return
  const run = scene.known.addRun(made.body.id as string, null)
  run.worked = true
  await scene.sleep(scene.chance.between(1, 10))
  await propose(scene, client, run, { type: 'COMPLETED' })
}

/** Renames, ends or deletes a task run by hand. */
export const changeTaskRun: Verb = {
  name: 'change a task run',
  weight: 5,
  async act(scene) {
    const { chance, known } = scene
    const client = scene.client()
    const task = chance.pick(known.taskRuns) ?? (await createTaskRun(scene, client))
    if (!task) return
    const id = { id: task.id }
    if (chance.hits(0.5)) await client.call('updateTaskRun', id, { name: 'renamed' })
    const type = chance.pick(['RUNNING', 'FAILED', 'COMPLETED', 'SCHEDULED'] as const) ?? 'FAILED'
    const state = { type, state_details: { transition_id: uuidOf(scene) } }
    if (chance.hits(0.6)) await client.call('setTaskRunState', id, { state, force: chance.hits(0.3) })
    if (!chance.hits(0.3)) return
    known.remove(known.taskRuns, task)
    await client.call('deleteTaskRun', id)
  },
}
