import type { Clock, RunTaskOutcome, Tasks } from '#shared/deps.ts'
import { type EcsTask, isStopped, type LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'

/** What happens to a task unless it is stopped. */
export interface TaskScript {
  /** Null: it never gets past PROVISIONING. */
  startsAfterSeconds: number | null
  /** Null: it runs until it is stopped. */
  runsForSeconds: number | null
  exitCode: number
  /** What ECS says of its end where it did not end by itself: a reclaimed host, a start that failed. */
  ends?: { stopCode: string; stoppedReason: string; exitCode: number | null } | undefined
  /** From the stop request until it has stopped; null: it does not heed the request. */
  stopsWithinSeconds: number | null
}

/** A call that asks ECS for what it knows, or to stop a task; what it is about is an ARN or a `startedBy`. */
export interface EcsQuestion {
  kind: 'stop' | 'describe' | 'list'
  subjects: readonly string[]
}

export interface SimulatedTask {
  request: LaunchRequest
  script: TaskScript
  createdAt: Instant
  startedAt: Instant | null
  stoppedAt: Instant | null
  stopAskedAt: Instant | null
  stopReason: string | null
  /** As ECS knows it now. */
  news: EcsTask
}

/** ECS forgets a stopped task, and the token that started it, after an hour; no token lives longer than a day. */
const FORGOTTEN_AFTER_SECONDS = 3_600
const TOKEN_SECONDS_MAX = 24 * 3_600

const AT_ONCE: TaskScript = { startsAfterSeconds: 0, runsForSeconds: 0, exitCode: 0, stopsWithinSeconds: 0 }

/**
 * ECS simulated on a virtual clock: tasks are provisioned, run, exit and stop; a token starts one task and expires;
 * stopped tasks are forgotten; new ones show up late. Things happen only in `pass`, so a test decides when.
 */
export class SimulatedEcs implements Tasks {
  /** Every task that was ever started. */
  readonly started: SimulatedTask[] = []
  /** Called before each launch; what it returns is returned (or thrown) and nothing is started. */
  refuse: (request: LaunchRequest) => RunTaskOutcome | Error | undefined = () => undefined
  /** What each new task will do. */
  script: (request: LaunchRequest) => Partial<TaskScript> = () => ({})
  /** New tasks are not described or listed before this time has passed. */
  visibleAfterSeconds = 0
  /** Called before each question; an error is thrown in place of the answer. */
  fail: (question: EcsQuestion) => Error | undefined = () => undefined
  /** Whether a task is left out of an answer though it is known. */
  hides: (task: SimulatedTask, now: Instant) => boolean = () => false
  /** How far ECS's clock is ahead; its instants are stamped with that. */
  skewSeconds = 0
  readonly #clock: Clock
  readonly #news: EcsTask[] = []
  /** Those that had not stopped when time last passed. */
  #going: SimulatedTask[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  run(request: LaunchRequest): Promise<RunTaskOutcome> {
    const refusal = this.refuse(request)
    if (refusal instanceof Error) return Promise.reject(refusal)
    const now = this.#clock.now()
    const known = this.started.find((task) => task.request.token === request.token && tokenLives(task, now))
    // A token whose task is there is answered with it, whatever room there is for another; calls are throttled before that.
    if (refusal && (!known || refusal.kind === 'throttled')) return Promise.resolve(refusal)
    if (known) return Promise.resolve({ kind: 'started', taskArn: known.news.taskArn })
    return Promise.resolve({ kind: 'started', taskArn: this.#start(request).news.taskArn })
  }

  /** Takes over tasks as they are, which another one started. */
  adopt(tasks: readonly SimulatedTask[]): void {
    const own = tasks.map((task) => ({ ...task }))
    this.started.push(...own)
    this.#going.push(...own)
  }

  #start(request: LaunchRequest): SimulatedTask {
    const now = this.#clock.now()
    const number = String(this.started.length + 1).padStart(32, '0')
    const task: SimulatedTask = {
      request,
      script: { ...AT_ONCE, ...this.script(request) },
      createdAt: now,
      startedAt: null,
      stoppedAt: null,
      stopAskedAt: null,
      stopReason: null,
      news: {
        taskArn: `arn:aws:ecs:us-east-1:123456789012:task/pushpool/${number}`,
        startedBy: request.startedBy,
        lastStatus: 'PROVISIONING',
        version: 1,
        stopCode: null,
        stoppedReason: null,
        createdAt: this.#stamp(now),
        startedAt: null,
        stoppedAt: null,
        containers: [{ name: 'main', exitCode: null, reason: null }],
      },
    }
    this.started.push(task)
    this.#going.push(task)
    this.#news.push(task.news)
    return task
  }

  #stamp(at: Instant): Instant {
    return addSeconds(at, this.skewSeconds)
  }

  stop(taskArn: string, reason: string): Promise<void> {
    const error = this.fail({ kind: 'stop', subjects: [taskArn] })
    if (error) return Promise.reject(error)
    const task = this.started.find((one) => one.news.taskArn === taskArn)
    if (task && !isStopped(task.news) && task.stopAskedAt === null) {
      task.stopAskedAt = this.#clock.now()
      task.stopReason = reason
    }
    return Promise.resolve()
  }

  describe(taskArns: readonly string[]): Promise<EcsTask[]> {
    const error = this.fail({ kind: 'describe', subjects: taskArns })
    if (error) return Promise.reject(error)
    return Promise.resolve(this.#shown().filter((task) => taskArns.includes(task.taskArn)))
  }

  listStartedBy(startedBy: string): Promise<EcsTask[]> {
    const error = this.fail({ kind: 'list', subjects: [startedBy] })
    if (error) return Promise.reject(error)
    return Promise.resolve(this.#shown().filter((task) => task.startedBy === startedBy))
  }

  /** Carries out everything due by now. */
  pass(): void {
    const now = this.#clock.now()
    let stopped = false
    for (const task of this.#going) {
      for (let due = nextDue(task); due !== null && due <= now; due = nextDue(task)) this.#moveOn(task, due)
      stopped ||= isStopped(task.news)
    }
    if (stopped) this.#going = this.alive()
  }

  /** When the next thing happens by itself. */
  nextDue(): Instant | null {
    let next: Instant | null = null
    for (const task of this.#going) {
      const due = nextDue(task)
      if (due !== null && (next === null || due < next)) next = due
    }
    return next
  }

  /** The changes since the last call, as events would report them. */
  takeNews(): EcsTask[] {
    return this.#news.splice(0)
  }

  /** The tasks that have not stopped. */
  alive(): SimulatedTask[] {
    return this.#going.filter((task) => !isStopped(task.news))
  }

  #shown(): EcsTask[] {
    const now = this.#clock.now()
    return this.started
      .filter((task) => secondsBetween(task.createdAt, now) >= this.visibleAfterSeconds && !forgotten(task, now))
      .filter((task) => !this.hides(task, now))
      .map((task) => task.news)
  }

  #moveOn(task: SimulatedTask, at: Instant): void {
    const { news, script, stopAskedAt, stopReason } = task
    const version = news.version + 1
    const stopsWithin = script.stopsWithinSeconds
    const stopping = stopAskedAt !== null && stopsWithin !== null && at >= addSeconds(stopAskedAt, stopsWithin)
    const failsToStart = script.ends?.stopCode === 'TaskFailedToStart'
    if (news.lastStatus === 'PROVISIONING' && !stopping && !failsToStart) {
      task.startedAt = at
      task.news = { ...news, version, lastStatus: 'RUNNING', startedAt: this.#stamp(at) }
    } else {
      const ran = news.lastStatus === 'RUNNING'
      task.stoppedAt = at
      const { ends } = script
      const exitCode = stopping ? 143 : (ends?.exitCode ?? (ends ? null : script.exitCode))
      task.news = {
        ...news,
        version,
        lastStatus: 'STOPPED',
        stoppedAt: this.#stamp(at),
        stopCode: stopping ? 'UserInitiated' : (ends?.stopCode ?? 'EssentialContainerExited'),
        stoppedReason: stopping ? stopReason : (ends?.stoppedReason ?? 'Essential container in task exited'),
        containers: [{ name: 'main', exitCode: ran ? exitCode : null, reason: null }],
      }
    }
    this.#news.push(task.news)
  }
}

function nextDue({ news, script, createdAt, startedAt, stopAskedAt }: SimulatedTask): Instant | null {
  if (isStopped(news)) return null
  const from = startedAt ?? createdAt
  const after = startedAt === null ? script.startsAfterSeconds : script.runsForSeconds
  const due = after === null ? Infinity : addSeconds(from, after)
  const { stopsWithinSeconds } = script
  const stops =
    stopAskedAt === null || stopsWithinSeconds === null ? Infinity : addSeconds(stopAskedAt, stopsWithinSeconds)
  const next = Math.min(due, stops)
  return next === Infinity ? null : next
}

function forgotten({ stoppedAt }: SimulatedTask, now: Instant): boolean {
  return stoppedAt !== null && secondsBetween(stoppedAt, now) > FORGOTTEN_AFTER_SECONDS
}

function tokenLives(task: SimulatedTask, now: Instant): boolean {
  return !forgotten(task, now) && secondsBetween(task.createdAt, now) <= TOKEN_SECONDS_MAX
}
