import { ECSClient, ListTasksCommand, SubmitTaskStateChangeCommand } from '@aws-sdk/client-ecs'
import type { Emulator } from './emulator.ts'
import { recordedCalls } from './recorded-calls.ts'

/** What marks the launches for the first claim of a run; its life, in the middle, is in no answer of the API. */
export function firstLaunchOf(runId: string): RegExp {
  return new RegExp(`^${runId}/[0-9a-f]{16}/1$`)
}

/** The agent that reports containers to ECS. No container runs here, so the test decides what happens to it. */
export class ContainerAgent {
  readonly #emulator: Emulator
  readonly #client: ECSClient
  readonly #cluster: string

  constructor(emulator: Emulator, cluster: string) {
    this.#emulator = emulator
    this.#client = new ECSClient(emulator.clientOptions)
    this.#cluster = cluster
  }

  /** ARNs of all tasks without a stop request; only those started by the first claim of a run, if one is given. */
  async tasks(runId?: string): Promise<string[]> {
    const startedBy = runId === undefined ? undefined : await this.#startedBy(runId)
    if (runId !== undefined && startedBy === undefined) return []
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

  async #startedBy(runId: string): Promise<string | undefined> {
    const calls = await recordedCalls(this.#emulator, 'RunTask')
    return calls.map(({ startedBy }) => String(startedBy)).find((each) => firstLaunchOf(runId).test(each))
  }

  async #taskOf(runId: string): Promise<string> {
    const [task, ...others] = await this.tasks(runId)
    if (!task || others.length > 0) throw new Error(`Run ${runId} has not one task: ${[task, ...others].join()}`)
    return task
  }
}
