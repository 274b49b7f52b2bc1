import type { Clock, RunTaskOutcome, Tasks } from '#shared/deps.ts'
import type { EcsTask, LaunchRequest } from '#shared/ecs-task/ecs-task.ts'

interface FakeTask extends EcsTask {
  token: string
}

/** ECS as the engine sees it: starts a task once per token, remembers what stopped, and fails on demand. */
export class FakeTasks implements Tasks {
  readonly started: LaunchRequest[] = []
  readonly stopped: { taskArn: string; reason: string }[] = []
  /** Called before each launch; a result is returned (or thrown) instead of starting a task. */
  nextOutcome: (request: LaunchRequest) => RunTaskOutcome | Error | undefined = () => undefined
  readonly #tasks = new Map<string, FakeTask>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  run(request: LaunchRequest): Promise<RunTaskOutcome> {
    const told = this.nextOutcome(request)
    if (told instanceof Error) return Promise.reject(told)
    if (told) return Promise.resolve(told)
    const known = [...this.#tasks.values()].find((task) => task.token === request.token)
    if (known) return Promise.resolve({ kind: 'started', taskArn: known.taskArn })
    this.started.push(request)
    const number = String(this.started.length).padStart(32, '0')
    const taskArn = `arn:aws:ecs:us-east-1:123456789012:task/pushpool/${number}`
    this.#tasks.set(taskArn, {
      token: request.token,
      taskArn,
      startedBy: request.startedBy,
      lastStatus: 'PROVISIONING',
      version: 1,
      stopCode: null,
      stoppedReason: null,
      createdAt: this.#clock.now(),
      startedAt: null,
      stoppedAt: null,
      containers: [{ name: 'main', exitCode: null, reason: null }],
    })
    return Promise.resolve({ kind: 'started', taskArn })
  }

  stop(taskArn: string, reason: string): Promise<void> {
    this.stopped.push({ taskArn, reason })
    return Promise.resolve()
  }

  describe(taskArns: readonly string[]): Promise<EcsTask[]> {
    return Promise.resolve(taskArns.flatMap((arn) => this.#tasks.get(arn) ?? []))
  }

  listStartedBy(startedBy: string): Promise<EcsTask[]> {
    return Promise.resolve([...this.#tasks.values()].filter((task) => task.startedBy === startedBy))
  }

  /** Advances a task; returns it as an event would carry it. */
  becomes(taskArn: string, lastStatus: string, rest: Partial<EcsTask> = {}): EcsTask {
    const before = this.#tasks.get(taskArn)
    if (!before) throw new Error(`no task ${taskArn}`)
    const times = {
      ...(lastStatus === 'RUNNING' ? { startedAt: this.#clock.now() } : {}),
      ...(lastStatus === 'STOPPED' ? { stoppedAt: this.#clock.now() } : {}),
    }
    const after = { ...before, lastStatus, version: before.version + 1, ...times, ...rest }
    this.#tasks.set(taskArn, after)
    return after
  }

  /** The task ends with an exit code. */
  exits(taskArn: string, exitCode: number | null, rest: Partial<EcsTask> = {}): EcsTask {
    const containers = [{ name: 'main', exitCode, reason: null }]
    return this.becomes(taskArn, 'STOPPED', { stopCode: 'EssentialContainerExited', containers, ...rest })
  }

  /** ECS no longer shows the task. */
  forget(taskArn: string): void {
    this.#tasks.delete(taskArn)
  }
}
