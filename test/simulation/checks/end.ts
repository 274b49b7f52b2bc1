import { type EcsTask, isStopped, parseStartedBy, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { World } from '../machine/world.ts'
import type { Known } from '../outside/known.ts'
import type { Watch } from './watch.ts'

/** Whether a task did the work of a run: in this life and generation, from its start to an exit of its own. */
function hasDone(run: FlowRun, { startedBy, startedAt, stopCode, containers }: EcsTask): boolean {
  const ownExit = stopCode === 'EssentialContainerExited' && containers[0]?.exitCode === 0
  return startedBy === startedByOf(run) && startedAt !== null && ownExit
}

/** What must be true when time ends, and what more when the faults were over before and everything has had its time. */
export function endProblems(
  { ecs }: Pick<World, 'ecs'>,
  { picture }: Pick<Watch, 'picture'>,
  known: Known,
  healed: boolean,
): string[] {
  const runs = [...picture.runs.values()]
  const byId = new Map(runs.map((run) => [run.id, run]))
  const lost = [...known.runs.values()].flatMap(({ id, mayBeGone }) =>
    byId.has(id) || mayBeGone ? [] : [`I4 run ${id} was accepted and is lost`],
  )
  const ends = runs.flatMap((run) => {
    const { id, state, blockedBy, job } = run
    const { type, name, message } = state
    const told = known.runs.get(id)
    if (!isTerminal(type))
      return healed ? [`I7 run ${id} is ${name} in the end (${message}), blocked by ${blockedBy}`] : []
    if (told && told.cancelledAt !== null && !told.forced && !told.retried && type !== 'CANCELLED')
      return [`I9 run ${id} was cancelled and ended ${type}`]
    const needsTask = job === 'command' && type === 'COMPLETED' && !told?.forced && !told?.worked
    return needsTask && !ecs.started.some(({ news }) => hasDone(run, news))
      ? [`I15 run ${id} is COMPLETED, and no task of this life and generation ran to its end`]
      : []
  })
  const orphans = ecs.alive().flatMap(({ news }) => {
    const subject = parseStartedBy(news.startedBy)
    const run = subject && byId.get(subject.id)
    const wanted = run?.claim && run.generation === subject?.generation && run.life === subject.life
    return wanted || isStopped(news) ? [] : [`I9 task ${news.taskArn} of ${news.startedBy} is ${news.lastStatus}`]
  })
  const double = [...Map.groupBy(ecs.started, ({ request }) => request.token)].flatMap(([token, tasks]) =>
    tasks.length > 1 ? [`I1 ${tasks.length} tasks for the launch ${token}`] : [],
  )
  return [...lost, ...ends, ...(healed ? orphans : []), ...double]
}
