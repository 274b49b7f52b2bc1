import type { BodyOf } from '#shared/client/client.ts'
import type { AgentProcess } from '../outside/known-agents.ts'
import { workAsFlow } from './flow-process.ts'
import { propose } from './propose.ts'
import type { Scene } from './verb.ts'
import { foundRun } from './workers.ts'

/** How often a run is a flow, which reports its own states. */
const FLOW_SHARE = 0.4
const WORK_SECONDS = { min: 2, max: 25 }
/** Reports that nobody answers are made so often before they are left to the lease. */
const REPORTS_MAX = 6
const AGAIN_SECONDS = 3
const ENDED = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'])

type State = BodyOf<'setFlowRunState'>['state']['type']

/** What an agent was handed. */
export interface Handed {
  flow_run: { id: string; flow_id: string; deployment_id: string | null }
  life: string
  generation: number
  due_in_seconds: number
  job: { cpu: number | null }
}

/** The claim by which a process calls. */
const claimOf = ({ run: { id, life, generation } }: AgentProcess): string => `${id}/${life}/${generation}`

/** What the process of a run does on its agent's host until it exits. */
export async function runOnHost(
  scene: Scene,
  process: AgentProcess,
  { flow_run, due_in_seconds }: Handed,
): Promise<void> {
  const { chance } = scene
  const run = foundRun(scene, flow_run)
  run.worked = true
  if (due_in_seconds > 0) await scene.sleep(due_in_seconds)
  const seconds = chance.between(WORK_SECONDS.min, WORK_SECONDS.max)
  if (chance.hits(FLOW_SHARE)) return await workAsFlow(scene, run, claimOf(process), seconds)
  const client = scene.client('careful', claimOf(process))
  const running = await propose(scene, client, run, { type: 'RUNNING' })
  if (!running?.accepted) return
  await scene.sleep(seconds)
  await propose(scene, client, run, { type: chance.hits(0.7) ? 'COMPLETED' : 'FAILED' })
}

/**
 * Has an agent report how a process has ended, unless that has done so itself. Whether it was answered: until then the
 * agent names the run as one that it holds.
 */
export async function reportEnd(scene: Scene, process: AgentProcess, type: State = 'CRASHED'): Promise<boolean> {
  const run = foundRun(scene, { id: process.run.id })
  const client = scene.client('careless', claimOf(process))
  for (let left = REPORTS_MAX; left > 0; left -= 1) {
    const seen = await client.call('getFlowRun', { id: run.id })
    if (seen?.status === 404) return true
    if (seen?.status === 200) {
      const { type: now, name, state_details: details } = seen.body.state
      const letGo = (now === 'SCHEDULED' && name !== 'AwaitingRetry') || (now === 'PAUSED' && details.pause_reschedule)
      if (ENDED.has(now as string) || letGo) return true
      if (await propose(scene, client, run, { type })) return true
    }
    await scene.sleep(AGAIN_SECONDS)
  }
  return false
}
