import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, onTestFinished } from 'vitest'
import { LocalTasks } from '../../local/tasks/local-tasks.ts'
import { openEcsBench } from '../support/ecs/ecs.ts'
import { CLUSTER_ARN } from '../support/ecs/ecs-server.ts'
import { type TasksUnderTest, tasksContract } from '../support/ecs/tasks-contract.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { TestClock } from '../support/world.ts'

const unknownTask = (cluster: string) => `${cluster.replace(':cluster/', ':task/')}/${'f'.repeat(32)}`

describe('tasks on ECS', () => {
  tasksContract(async () => {
    const { tasks } = await openEcsBench()
    return { tasks, unknownArn: unknownTask(CLUSTER_ARN), isUp: () => true }
  })
})

describe('tasks on one machine', () => {
  tasksContract(openLocal)
})

function openLocal(): Promise<TasksUnderTest> {
  const folder = temporaryFolder()
  const clock = new TestClock()
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const tasks = new LocalTasks({
    path: join(folder, 'tasks'),
    cwd: folder,
    env: process.env,
    stopTimeoutSeconds: 5,
    clock,
    log,
    emit: () => {},
    writeLogs: () => Promise.resolve(),
  })
  onTestFinished(async () => {
    await tasks.close()
  })
  return Promise.resolve({
    tasks,
    unknownArn: unknownTask('arn:aws:ecs:local:000000000000:cluster/pushpool'),
    isUp: ({ runId }) => existsSync(join(folder, runId)),
  })
}
