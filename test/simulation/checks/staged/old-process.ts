import { isDeepStrictEqual } from 'node:util'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Answer } from '../../outside/caller.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, proposed, storedRun } from './place.ts'

const KEY = 'staged'

/** How a claim is lost while its process works on. */
const LOST: Record<string, (fork: Fork, id: string, deployment: string) => Promise<unknown>> = {
  'waits again': (fork, id) => proposed(fork, id, 'SCHEDULED', true),
  'was handed out again': async (fork, id) => {
    await proposed(fork, id, 'SCHEDULED', true)
    await fork.tick()
  },
  'was deleted and created again': async (fork, id, deployment) => {
    await proposed(fork, id, 'CRASHED', true)
    await fork.call('deleteFlowRun', { id })
    await create(fork, deployment, { idempotency_key: KEY })
  },
  'was deleted, created and handed out again': async (fork, id, deployment) => {
    await LOST['was deleted and created again']?.(fork, id, deployment)
    await fork.tick()
  },
}

/** What a process may still call. */
const CALLS: Record<string, (fork: Fork, claim: string, id: string) => Promise<Answer>> = {
  'reports that it runs': (fork, claim, id) => report(fork, claim, id, 'RUNNING'),
  'reports its end': (fork, claim, id) => report(fork, claim, id, 'COMPLETED'),
  'reports a crash by force': (fork, claim, id) => report(fork, claim, id, 'CRASHED', true),
  'is to wait': (fork, claim, id) => report(fork, claim, id, 'SCHEDULED'),
  pauses: (fork, claim, id) => report(fork, claim, id, 'PAUSED'),
  'changes its parameters': (fork, claim, id) =>
    fork.callUnder(claim, 'updateFlowRun', { id }, { parameters: { old: true } }),
  'starts a task run': (fork, claim, id) => {
    const task = { flow_run_id: id, task_key: 'old', dynamic_key: '0', state: { type: 'RUNNING' as const } }
    return fork.callUnder(claim, 'createTaskRun', task)
  },
  'stores an input': (fork, claim, id) =>
    fork.callUnder(claim, 'createFlowRunInput', { id }, { key: 'old', value: '1' }),
}

/** Has the process of a claim that was lost call on: nothing comes of it. */
export async function oldProcess(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, true)
  const deployment = await deploy(fork, place, { job_variables: {}, entrypoint: 'flow.py:main' })
  const id = await create(fork, deployment, { idempotency_key: KEY })
  await fork.tick()
  const held = storedRun(fork, id)
  if (!held?.claim) return [`run ${id} was not handed out by a tick`]
  const claim = startedByOf(held)
  await report(fork, claim, id, 'RUNNING')
  const lost = chance.pick(Object.keys(LOST)) ?? ''
  await LOST[lost]?.(fork, id, deployment)
  const before = storedRun(fork, id)
  const problems: string[] = []
  for (const [does, call] of Object.entries(CALLS)) {
    const then = fork.fork()
    const { status, body } = await call(then, claim, id)
    const written =
      !isDeepStrictEqual(essence(storedRun(then, id)), essence(before)) || (status < 300 && body?.status === undefined)
    if (written) problems.push(`an old process of run ${id}, which ${lost}, ${does}, and is answered ${status}`)
  }
  return problems
}

async function report(fork: Fork, claim: string, id: string, type: string, force = false): Promise<Answer> {
  return await fork.callUnder(claim, 'setFlowRunState', { id }, { state: { type: type as 'RUNNING' }, force })
}

/** A run, but for what is noted of writes that it refused. */
function essence(run: FlowRun | undefined) {
  return { ...run, refusedWrites: null, revision: null, updated: null }
}
