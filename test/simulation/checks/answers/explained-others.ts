import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { Chance } from '../../machine/chance.ts'
import { type Explained, wordsOf } from '../explained.ts'
import type { Fork } from '../fork.ts'
import { dueOf, type Moment, roomOf, waits } from '../judge.ts'

const RUNS = 3

/** What explain says of runs that wait in no pool, or don't wait. */
export async function otherProblems(fork: Fork, moment: Moment, chance: Chance): Promise<string[]> {
  const others = [...moment.picture.runs.values()].filter((run) => !waits(run) || run.poolId === null)
  const some = [1, 2, RUNS].flatMap((n) => chance.of(`run ${n}`).pick(others) ?? [])
  if (some.length === 0) return []
  const { body } = await fork.call('explainFlowRuns', { flow_run_ids: [...new Set(some.map(({ id }) => id))] })
  const said = new Map((body as Explained[]).map((each) => [each.flow_run_id, each]))
  return some.flatMap((run) => {
    const explained = said.get(run.id)
    const right = reasonOf(run, moment)
    return explained?.reason === right
      ? []
      : [`explain of ${run.id}, ${run.state.name}, is ${explained && wordsOf(explained)}, and should be ${right}`]
  })
}

function reasonOf(run: FlowRun, { picture, places, now }: Moment): string {
  const { state, claim, deploymentId } = run
  if (isTerminal(state.type)) return 'ended'
  if (!waits(run)) {
    if (claim === null) return state.type === 'PAUSED' ? 'suspended' : 'held'
    return state.type === 'PENDING' ? 'starting' : 'held'
  }
  if (deploymentId !== null && !places.deployments.has(deploymentId)) return 'deployment_deleted'
  if (dueOf(run) > now) return 'not_due'
  const limit = picture.limits.get(`deployment#${deploymentId}`)
  if (limit?.counting && limit.limit !== null) return 'counting'
  return limit && roomOf(limit) === 0 ? 'full' : 'not_in_a_pool'
}
