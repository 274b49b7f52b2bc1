import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { DelayedWakeUp, Deps, RunTaskOutcome } from '#shared/deps.ts'
import { isRunning } from '#shared/ecs-task/ecs-task.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, secondsBetween } from '#shared/instant.ts'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { createSweeper } from '../../functions/sweeper/handler.ts'
import { createTaskEvents } from '../../functions/task-events/handler.ts'
import type { DynamoDbEngine } from '../../local/engine/dynoxide.ts'
import { type LaggingIndex, laggingIndex } from '../support/faults/lagging-index.ts'
import { orphanTasks, type Snapshot, takeSnapshot } from '../support/invariants.ts'
import { taskEventBody, tickEvent, wakeUpBody } from '../support/lambda-events.ts'
import { openStage, type Stage } from '../support/stage.ts'
import { Agenda } from './agenda.ts'
import { ACTIVE_SECONDS, Clients } from './clients.ts'
import { HEALED, type Profile, profileOf } from './profiles.ts'
import { type Outcome, Scheduler, settled } from './scheduler.ts'
import { SimulatedQueue } from './simulated-queue.ts'
import { Watch } from './watch.ts'

const TICK_SECONDS = 60
/** How long Lambda lets each function run. */
export const FUNCTION_SECONDS = { api: 29, dispatcher: 90, sweeper: 120, taskEvents: 30 }
/** Within a lease, two sweeps and some time to drain, everything must have ended once the faults are over. */
const HEALED_SECONDS_MAX = 25 * 60
/** Where nothing was lost, there is only the work itself to wait for. */
const DRAINED_SECONDS_MAX = 5 * 60
/** Ten times what a seed takes; more is a loop. */
const CALLS_MAX = 10_000
const REFUSED: RunTaskOutcome = { kind: 'refused', reasons: [{ reason: 'RESOURCE:MEMORY', detail: null }] }

export interface SimulationReport {
  violations: string[]
  steps: number
  checks: number
  claims: number
  tasks: number
  runs: number
  messages: { delivered: number; lost: number }
  perils: Map<string, number>
  /** From the end of all faults until everything had ended. */
  healedSeconds: number
  /** The last steps, for finding the cause. */
  trail: string[]
}

/** A whole service in a world determined by a seed: its functions, clients, ECS, queues, and what goes wrong. */
export class Simulation {
  readonly stage: Stage
  readonly clients: Clients
  readonly #watch = new Watch()
  readonly #agenda = new Agenda()
  readonly #index: LaggingIndex
  readonly #scheduler: Scheduler
  readonly #events: SimulatedQueue
  readonly #wakeUps: SimulatedQueue
  readonly #deps: Deps
  readonly #calm: boolean
  #profile: Profile

  constructor(seed: number, stage: Stage) {
    this.stage = stage
    this.#profile = profileOf(seed)
    this.#calm = this.#profile === HEALED
    this.#index = laggingIndex(stage.deps.table)
    this.#scheduler = new Scheduler(
      {
        clock: stage.world.clock,
        random: this.random,
        around: async (call, go) => {
          if (this.#index.lags && this.random() < this.#profile.indexCatchesUp) await this.#index.catchUp()
          return await this.#index.intercept(call, go)
        },
        afterWrite: async ({ process, call, peril }) => {
          this.#watch.check(await takeSnapshot(stage.deps.table), stage.ecs, `${process}: ${call}, ${peril ?? 'made'}`)
        },
      },
      this.#profile.perils,
    )
    this.#events = this.#queue('task-events', FUNCTION_SECONDS.taskEvents, (deps) => createTaskEvents(deps))
    this.#wakeUps = this.#queue('dispatcher', FUNCTION_SECONDS.dispatcher, (deps) => createDispatcher(deps))
    this.#deps = { ...stage.deps, wakeUps: { send: (some) => Promise.resolve(this.#send(some)) } }
    this.clients = new Clients(this)
  }

  readonly random = (): number => this.stage.world.ids.random()

  /** Runs an action after some seconds of virtual time. */
  later(seconds: number, act: () => void): void {
    this.#agenda.add(addSeconds(this.stage.world.clock.now(), seconds), act)
  }

  spawn<T>(name: string, seconds: number, code: (deps: Deps) => Promise<T>): Promise<Outcome<T>> {
    return this.#scheduler.spawn(name, this.#deps, seconds, code)
  }

  /** Whether a run has ended, as of the last committed state. */
  hasEnded(runId: string): boolean {
    return this.#watch.all((run) => run.id !== runId || isTerminal(run.state.type))
  }

  async run(): Promise<SimulationReport> {
    const { world, ecs } = this.stage
    ecs.refuse = () => (this.random() < this.#profile.refused ? REFUSED : undefined)
    ecs.visibleAfterSeconds = this.#profile.visibleAfterSeconds
    this.#index.lags = this.#profile.indexCatchesUp < 1
    await this.#index.catchUp()
    await this.clients.open()
    this.#tick()
    await this.#pass(ACTIVE_SECONDS, () => false)
    this.#heal()
    const healedAt = world.clock.now()
    await this.#pass(HEALED_SECONDS_MAX, () => this.#over())
    const snapshot = await takeSnapshot(this.stage.deps.table)
    return this.#report(snapshot, secondsBetween(healedAt, world.clock.now()))
  }

  #heal(): void {
    this.#profile = HEALED
    this.#scheduler.perils = HEALED.perils
    this.#index.lags = false
    this.stage.ecs.visibleAfterSeconds = 0
    for (const queue of [this.#events, this.#wakeUps]) queue.options.lost = 0
    this.clients.heal()
  }

  /** Lets time pass: what is due happens, and in between the processes make their calls, one at a time. */
  async #pass(seconds: number, over: () => boolean): Promise<void> {
    const { world, ecs } = this.stage
    const end = addSeconds(world.clock.now(), seconds)
    while (this.#watch.violations.length === 0 && world.clock.now() < end && !over()) {
      if (this.#scheduler.steps.length > CALLS_MAX) return
      this.#agenda.runDue(world.clock.now())
      ecs.pass()
      for (const task of ecs.takeNews()) this.#hear(task)
      for (const queue of [this.#events, this.#wakeUps]) queue.pump()
      await settled()
      const now = world.clock.now()
      const nextCall = this.#scheduler.nextAt
      if (nextCall !== null && nextCall <= now) await this.#scheduler.step()
      else
        await this.#jump(Math.min(end, ...[nextCall, this.#agenda.nextAt, ecs.nextDue()].filter((at) => at !== null)))
    }
  }

  /** Nothing can happen before that time. No index lags that long. */
  async #jump(to: number): Promise<void> {
    const { clock } = this.stage.world
    if (this.#index.lags) await this.#index.catchUp()
    clock.pass(Math.max(0, secondsBetween(clock.now(), to)) + 0.000_001)
  }

  #tick(): void {
    this.later(TICK_SECONDS, () => this.#tick())
    const tick = tickEvent(this.stage.world.clock.now())
    void this.spawn('dispatcher tick', FUNCTION_SECONDS.dispatcher, (deps) => createDispatcher(deps)(tick))
    const sweeps = this.random() < this.#profile.doubled ? 2 : 1
    for (let n = 0; n < sweeps; n += 1) {
      void this.spawn('sweeper', FUNCTION_SECONDS.sweeper, (deps) => createSweeper(deps)(tick))
    }
  }

  #hear(task: Parameters<typeof taskEventBody>[0]): void {
    this.#events.send(taskEventBody(task))
    const started = this.stage.ecs.started.find(({ news }) => news.taskArn === task.taskArn)
    if (!started || !isRunning(task) || !started.request.env.PREFECT__FLOW_RUN_ID) return
    this.clients.flowStarted(task, started.script.runsForSeconds ?? 0)
  }

  #send(some: readonly DelayedWakeUp[]): void {
    for (const wakeUp of some) this.#wakeUps.send(wakeUpBody(wakeUp), wakeUp.delaySeconds)
  }

  #queue(
    name: 'task-events' | 'dispatcher',
    seconds: number,
    create: (deps: Deps) => (event: SQSEvent) => Promise<SQSBatchResponse>,
  ): SimulatedQueue {
    const { eventsLost, wakeUpsLost, doubled, eventDelaySecondsMax } = this.#profile
    return new SimulatedQueue({
      random: this.random,
      later: (after, act) => this.later(after, act),
      consume: (event) => this.spawn(name, seconds, (deps) => create(deps)(event)),
      lost: name === 'task-events' ? eventsLost : wakeUpsLost,
      doubled,
      delaySecondsMax: eventDelaySecondsMax,
    })
  }

  #over(): boolean {
    const ended = this.#watch.all((run) => isTerminal(run.state.type))
    return ended && this.stage.ecs.alive().length === 0 && this.clients.waiting + this.#scheduler.running === 0
  }

  #report(snapshot: Snapshot, healedSeconds: number): SimulationReport {
    const { steps } = this.#scheduler
    const perils = Map.groupBy(steps, (step) => step.peril ?? 'none')
    return {
      violations: [
        ...this.#watch.violations,
        ...this.clients.violations,
        ...this.#endProblems(snapshot),
        ...(this.#calm && healedSeconds > DRAINED_SECONDS_MAX ? [`I7 it took ${healedSeconds} s to be over`] : []),
      ],
      steps: steps.length,
      checks: this.#watch.checks,
      claims: this.#watch.claims,
      tasks: this.stage.ecs.started.length,
      runs: snapshot.runs.length,
      messages: {
        delivered: this.#events.delivered + this.#wakeUps.delivered,
        lost: this.#events.lost + this.#wakeUps.lost,
      },
      perils: new Map([...perils].map(([kind, some]) => [kind, some.length])),
      healedSeconds,
      trail: steps.slice(-60).map(({ process, call, peril }) => `${process}: ${call}${peril ? `, ${peril}` : ''}`),
    }
  }

  /** What must be true when everything has ended. */
  #endProblems(snapshot: Snapshot): string[] {
    if (this.#watch.violations.length > 0) return []
    const { accepted, cancelled } = this.clients
    const there = new Set(snapshot.runs.map((run) => run.id))
    const lost = [...accepted].filter((id) => !there.has(id)).map((id) => `I4 run ${id} was accepted and is lost`)
    const ends = snapshot.runs.flatMap(({ id, job, state, blockedBy }) => {
      const { type, name, message } = state
      if (!isTerminal(type)) return [`I7 run ${id} is ${name} in the end (${message}), blocked by ${blockedBy}`]
      if (cancelled.has(id) && type !== 'CANCELLED') return [`I9 run ${id} was cancelled and ended ${type}`]
      // In this world, every ECS task starts, and none disappears.
      return type === 'CRASHED' && job === 'command' ? [`I15 run ${id} crashed without a cause: ${message}`] : []
    })
    return [...lost, ...ends, ...orphanTasks(snapshot, this.stage.ecs).map((problem) => `I9 ${problem}`)]
  }
}

/** Runs the simulation of one seed on a table of its own. */
export async function simulate(engine: DynamoDbEngine, seed: number): Promise<SimulationReport> {
  const stage = await openStage(engine, seed)
  const report = await new Simulation(seed, stage).run()
  stage.close()
  return report
}
