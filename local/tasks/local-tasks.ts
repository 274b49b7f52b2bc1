import { mkdirSync } from 'node:fs'
import { STOPPED_VISIBLE_SECONDS } from '#shared/bounds.ts'
import type { RunTaskOutcome, Tasks } from '#shared/deps.ts'
import type { EcsTask, LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { secondsBetween } from '#shared/instant.ts'
import { LocalTask, type TaskSettings } from './local-task.ts'
import { createRecord, readRecords, removeFolder, taskFolder } from './task-folder.ts'
import { newRecord, taskIdOf, taskOf } from './task-record.ts'

export interface LocalTasksOptions extends TaskSettings {
  /** Where the tasks have their folders. */
  path: string
}

const SHIP_MS = 500
const FORGET_MS = 60_000

/** The Tasks port on this machine: child processes in place of containers. Images, CPU and memory are not looked at. */
export class LocalTasks implements Tasks {
  readonly #options: LocalTasksOptions
  readonly #tasks = new Map<string, LocalTask>()
  readonly #timers: NodeJS.Timeout[] = []

  /** Opens the tasks of a data folder and takes over those that an earlier service left there. */
  constructor(options: LocalTasksOptions) {
    this.#options = options
    mkdirSync(options.path, { recursive: true })
    for (const record of readRecords(options.path)) {
      this.#tasks.set(record.id, new LocalTask(record, taskFolder(options.path, record.id), options))
    }
    this.#forgetOld()
    for (const task of this.#tasks.values()) task.adopt()
    this.#timers.push(setInterval(() => this.#shipOutputs(), SHIP_MS))
    this.#timers.push(setInterval(() => this.#forgetOld(), FORGET_MS))
  }

  run(request: LaunchRequest): Promise<RunTaskOutcome> {
    const id = taskIdOf(request.token)
    const known = this.#tasks.get(id)
    if (known) return Promise.resolve({ kind: 'started', taskArn: known.record.taskArn })
    const record = newRecord(request, this.#options.clock.now())
    const folder = taskFolder(this.#options.path, id)
    createRecord(folder, record)
    const task = new LocalTask(record, folder, this.#options)
    this.#tasks.set(id, task)
    task.start(request)
    return Promise.resolve({ kind: 'started', taskArn: record.taskArn })
  }

  stop(taskArn: string, reason: string): Promise<void> {
    this.#byArn(taskArn)?.stop(reason)
    return Promise.resolve()
  }

  describe(taskArns: readonly string[]): Promise<EcsTask[]> {
    return Promise.resolve(taskArns.flatMap((arn) => this.#byArn(arn)?.record ?? []).map(taskOf))
  }

  listStartedBy(startedBy: string): Promise<EcsTask[]> {
    const records = [...this.#tasks.values()].map((task) => task.record)
    return Promise.resolve(records.filter((record) => record.startedBy === startedBy).map(taskOf))
  }

  /** Stops watching; the tasks themselves go on, and the next one to open the folder finds them. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all([...this.#tasks.values()].map((task) => task.leave()))
  }

  #byArn(taskArn: string): LocalTask | undefined {
    const task = this.#tasks.get(taskArn.slice(taskArn.lastIndexOf('/') + 1))
    return task?.record.taskArn === taskArn ? task : undefined
  }

  #shipOutputs(): void {
    for (const task of this.#tasks.values()) void task.shipOutput()
  }

  /** Deletes tasks that stopped more than an hour ago; ECS shows them for no longer. */
  #forgetOld(): void {
    const now = this.#options.clock.now()
    for (const [id, { record }] of this.#tasks) {
      if (record.stoppedAt === null || secondsBetween(record.stoppedAt, now) < STOPPED_VISIBLE_SECONDS) continue
      removeFolder(taskFolder(this.#options.path, id))
      this.#tasks.delete(id)
    }
  }
}
