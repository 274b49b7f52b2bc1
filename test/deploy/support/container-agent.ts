import { ECSClient, ListTasksCommand, SubmitTaskStateChangeCommand } from '@aws-sdk/client-ecs'
import type { Emulator } from './emulator.ts'

/** The agent that reports containers to ECS. No container runs here, so the test decides what happens to it. */
export class ContainerAgent {
  readonly #client: ECSClient
  readonly #cluster: string

  constructor({ clientOptions }: Emulator, cluster: string) {
    this.#client = new ECSClient(clientOptions)
    this.#cluster = cluster
  }

  /** ARNs of all tasks without a stop request; only those started by one claim of a run, if one is given. */
  async tasks(startedBy?: string): Promise<string[]> {
    const { taskArns = [] } = await this.#client.send(new ListTasksCommand({ cluster: this.#cluster, startedBy }))
    return taskArns
  }

  /** The container of a run's first launch runs. */
  async starts(runId: string): Promise<void> {
    const task = await this.#taskOf(runId)
    await this.#client.send(new SubmitTaskStateChangeCommand({ cluster: this.#cluster, task, status: 'RUNNING' }))
  }

  /** Its command has exited. */
  async exits(runId: string, exitCode: number): Promise<void> {
    const task = await this.#taskOf(runId)
    const containers = [{ containerName: 'main', exitCode, status: 'STOPPED' }]
    await this.#client.send(
      new SubmitTaskStateChangeCommand({ cluster: this.#cluster, task, status: 'STOPPED', containers }),
    )
  }

  async #taskOf(runId: string): Promise<string> {
    const [task, ...others] = await this.tasks(`${runId}/1`)
    if (!task || others.length > 0) throw new Error(`Run ${runId} has not one task: ${[task, ...others].join()}`)
    return task
  }
}
