import { expect, it } from 'vitest'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { SimulatedEcs, type TaskScript } from '../../support/ecs/simulated-ecs.ts'
import { runIn } from '../../support/fixtures/a-run.ts'
import { WorldClock } from '../machine/world-clock.ts'
import { Known } from '../outside/known.ts'
import { endProblems } from './end.ts'
import { pictureOfThese } from './small-world.ts'

/** Everything at the end of a world with one run that people know, and the tasks that ran for these runs. */
async function problemsOf(
  run: FlowRun | undefined,
  tasks: readonly FlowRun[],
  script: Partial<TaskScript> = {},
  healed = true,
) {
  const clock = new WorldClock()
  const ecs = new SimulatedEcs(clock)
  ecs.script = () => script
  for (const [n, each] of tasks.entries())
    await ecs.run({ startedBy: startedByOf(each), token: `token ${n}` } as Parameters<typeof ecs.run>[0])
  ecs.pass()
  const known = new Known()
  known.addRun(runIn('COMPLETED').id, null)
  return endProblems({ ecs }, { picture: pictureOfThese(run ? [run] : []) }, known, healed)
}

const completed = runIn('COMPLETED', { job: 'command' })

it('finds nothing wrong with a run that its task completed', async () => {
  expect(await problemsOf(completed, [completed])).toEqual([])
})

it.each([
  ['no task ran', [], {}],
  ['only that of an earlier generation ran', [{ ...completed, generation: 0 }], {}],
  ['only that of an earlier life ran', [{ ...completed, life: 'fedcba9876543210' }], {}],
  ['its task failed', [completed], { exitCode: 1 }],
  ['its host was taken', [completed], { ends: { stopCode: 'SpotInterruption', stoppedReason: '', exitCode: 0 } }],
])('finds a run that is COMPLETED though %s', async (_, tasks, script) => {
  expect(await problemsOf(completed, tasks, script)).toEqual([expect.stringContaining('I15')])
})

it('finds a run that is lost, and one that never ended', async () => {
  expect(await problemsOf(undefined, [])).toEqual([expect.stringContaining('I4')])
  expect(await problemsOf(runIn('PENDING'), [])).toEqual([expect.stringContaining('I7')])
})

it('finds a task that nobody wants', async () => {
  expect(await problemsOf(completed, [completed], { runsForSeconds: null })).toContainEqual(
    expect.stringContaining('I9 task'),
  )
})

it('leaves alone what goes on where the faults have not ended', async () => {
  expect(await problemsOf(runIn('PENDING'), [completed], { runsForSeconds: null }, false)).toEqual([])
  expect(await problemsOf(completed, [], {}, false)).toEqual([expect.stringContaining('I15')])
})
