import { expect, it } from 'vitest'
import type { Tasks } from '#shared/deps.ts'
import { isStopped, type LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { until } from '../until.ts'
import { launchOf } from './launches.ts'

export interface TasksUnderTest {
  tasks: Tasks
  /** Well formed, but of no existing task. */
  unknownArn: string
  /** Whether a task that was started shows that its command runs: it makes a file named by the run, where it can. */
  isUp: (request: LaunchRequest) => boolean
}

/** What the engine relies on in every Tasks port. Called inside a suite that names the port. */
export function tasksContract(open: () => Promise<TasksUnderTest>): void {
  const startedArn = async (tasks: Tasks, request: LaunchRequest): Promise<string> => {
    const outcome = await tasks.run(request)
    if (outcome.kind !== 'started') throw new Error(`not started: ${outcome.kind}`)
    return outcome.taskArn
  }
  const sleeping = () => {
    const request = launchOf()
    return { ...request, command: ['/bin/sh', '-c', 'touch "$RUN"; exec sleep 60'], env: { RUN: request.runId } }
  }
  const stoppedTask = async (tasks: Tasks, taskArn: string) =>
    await until('it stopped', async () => (await tasks.describe([taskArn])).find(isStopped))

  it('starts one task per token, one after the other and side by side', async () => {
    const { tasks } = await open()
    const request = sleeping()
    const first = await startedArn(tasks, request)
    const others = await Promise.all([startedArn(tasks, request), startedArn(tasks, structuredClone(request))])
    expect(new Set([first, ...others]).size).toBe(1)
    expect(await tasks.listStartedBy(request.startedBy)).toHaveLength(1)
  })

  it('starts another task for another token', async () => {
    const { tasks } = await open()
    expect(await startedArn(tasks, sleeping())).not.toBe(await startedArn(tasks, sleeping()))
  })

  it('lists what it started, by its startedBy', async () => {
    const { tasks } = await open()
    const request = sleeping()
    const taskArn = await startedArn(tasks, request)
    const expected = [{ taskArn, startedBy: request.startedBy, stoppedAt: null }]
    expect(await tasks.describe([taskArn])).toMatchObject(expected)
    expect(await tasks.listStartedBy(request.startedBy)).toMatchObject(expected)
    expect(await tasks.listStartedBy(sleeping().startedBy)).toEqual([])
  })

  it('omits tasks that it does not know', async () => {
    const { tasks, unknownArn } = await open()
    const taskArn = await startedArn(tasks, sleeping())
    expect((await tasks.describe([unknownArn, taskArn])).map((task) => task.taskArn)).toEqual([taskArn])
    expect(await tasks.describe([])).toEqual([])
  })

  it('stops a task, reports the stop as requested, and keeps showing it', async () => {
    const { tasks, isUp } = await open()
    const request = sleeping()
    const taskArn = await startedArn(tasks, request)
    await until('it is up', () => isUp(request))
    await tasks.stop(taskArn, 'Not needed any more.')
    const stopped = await stoppedTask(tasks, taskArn)
    expect(stopped).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'Not needed any more.' })
    expect(await tasks.listStartedBy(request.startedBy)).toMatchObject([{ taskArn, lastStatus: 'STOPPED' }])
    expect(await startedArn(tasks, request)).toBe(taskArn)
  })

  it('treats stopping a stopped or unknown task as done', async () => {
    const { tasks, unknownArn, isUp } = await open()
    await tasks.stop(unknownArn, 'There is none.')
    const request = sleeping()
    const taskArn = await startedArn(tasks, request)
    await until('it is up', () => isUp(request))
    await tasks.stop(taskArn, 'Once.')
    await stoppedTask(tasks, taskArn)
    await tasks.stop(taskArn, 'Twice.')
    expect((await tasks.describe([taskArn]))[0]?.stoppedReason).toBe('Once.')
  })
}
