import { isStopped, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { parseEcsTaskEvent } from '#shared/ecs-task/ecs-task-event.ts'
import type { Picture } from './picture.ts'

/** Once the news of a task's end has been taken from the queue, its run is held by that task no more. */
export function takenNews(body: string, { runs }: Picture): string[] {
  const read = parseEcsTaskEvent(body)
  if ('problem' in read || !isStopped(read.task)) return []
  const { taskArn, startedBy } = read.task
  return [...runs.values()].flatMap((run) =>
    run.claim && run.launch?.taskArn === taskArn && startedByOf(run) === startedBy
      ? [`I3 run ${run.id} is ${run.state.type}, and the end of its task ${taskArn} was taken for applied`]
      : [],
  )
}
