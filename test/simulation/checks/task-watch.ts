import { isStopped, launchToken, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { StateType } from '#shared/flow-run/state.ts'
import type { SimulatedTask } from '../../support/ecs/simulated-ecs.ts'

/** I1: at most one ECS task for an attempt, never two alive of a generation, none alive when the next attempt begins. */
export class TaskWatch {
  #seen = 0

  /** What is wrong with tasks that have been started since the last call. */
  started(tasks: readonly SimulatedTask[]): string[] {
    const fresh = tasks.slice(this.#seen)
    const from = this.#seen
    this.#seen = tasks.length
    return fresh.flatMap(({ request, news }, at) =>
      tasks.slice(0, from + at).flatMap((other) => {
        if (other.request.token === request.token) return [`I1 a second task for the launch ${request.token}`]
        const alive = other.news.startedBy === news.startedBy && !isStopped(other.news)
        return alive ? [`I1 a second task of ${news.startedBy} while ${other.news.taskArn} is alive`] : []
      }),
    )
  }

  /** What is wrong with the tasks of a run that was written. */
  changed(before: FlowRun | undefined, run: FlowRun, tasks: readonly SimulatedTask[]): string[] {
    if (!before) return []
    const alive = (token: string) => tasks.some(({ request, news }) => request.token === token && !isStopped(news))
    const released =
      before.claim?.by.kind === 'dispatcher' && run.claim?.id !== before.claim.id && before.job === 'command'
    const recorded = tasks.find(({ news }) => news.taskArn === before.launch?.taskArn)
    if (released && recorded && !isStopped(recorded.news))
      return [`I3 run ${run.id} is ${run.state.type} and has given its slots back, and its task is alive`]
    const last = before.launch?.attempt ?? 0
    const rose = run.generation === before.generation && (run.launch?.attempt ?? 0) > last && last > 0
    if (rose && alive(launchToken(before, last)))
      return [`I1 run ${run.id} goes on to attempt ${run.launch?.attempt}, and the task of attempt ${last} is alive`]
    const claimed = run.generation > before.generation && !letGoByClient(before)
    const earlier = startedByOf(before)
    const runsOn = claimed && tasks.some(({ news }) => news.startedBy === earlier && !isStopped(news))
    return runsOn ? [`I1 run ${run.id} was claimed again while the task of ${earlier} is alive`] : []
  }
}

const WAITING: ReadonlySet<StateType> = new Set(['SCHEDULED', 'PAUSED'])

/** Whether it was a client that sent a run to wait: then its process ends by itself, or runs on because somebody meant it to. */
export function letGoByClient({ history }: FlowRun): boolean {
  const since = history.findLastIndex(({ type }) => !WAITING.has(type)) + 1
  const by = history[since]?.by?.kind
  return by === 'client' || by === 'claimant'
}
