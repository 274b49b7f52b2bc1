import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { type EcsTask, parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { type SetStateOptions, setState } from '#shared/engine/flow-run/set-state.ts'
import { listScheduledRuns } from '#shared/engine/poll/list-scheduled-runs.ts'
import type { SetStateResult } from '#shared/engine/read/set-state-result.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import type { ProposedState } from '#shared/flow-run/verdict.ts'
import { addSeconds } from '#shared/instant.ts'
import type { LimitSettings } from '#shared/storage/limit/limit-actions.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import type { TaskScript } from '../support/ecs/simulated-ecs.ts'
import { commandDeployment, type PushPool, pushPool } from '../support/fixtures/fixtures.ts'
import { FUNCTION_SECONDS, type Simulation } from './simulate.ts'

/** Runs come in bursts, so that many compete for the same few slots at once. */
const BURSTS = 3
const BURST_RUNS = 5
const BURST_SECONDS = 2
const CANCELS = 4
const RETRIES = 3
/** Within this time everything is requested. */
export const ACTIVE_SECONDS = 200
const TIME_LIMIT_SECONDS = 20

/** Everything outside the service: clients that create and cancel runs, Prefect's workers, operators, and flows. */
export class Clients {
  /** Runs whose creation was acknowledged: none of them may ever be lost. */
  readonly accepted = new Set<string>()
  /** Runs whose cancel was acknowledged before they ended. */
  readonly cancelled = new Set<string>()
  readonly violations: string[] = []
  readonly #sim: Simulation
  readonly #meddled = new Set<string>()
  #push: PushPool | undefined
  #deployments: Deployment[] = []
  #open = 0
  #asked = 0

  constructor(sim: Simulation) {
    this.#sim = sim
  }

  /** Requests without a response yet. */
  get waiting(): number {
    return this.#open
  }

  /** Creates the pool, and puts the clients' actions on the agenda. */
  async open(): Promise<void> {
    const { stage, random } = this.#sim
    const push = await pushPool(stage.deps, { queueLimit: 1 + Math.floor(random() * 3) })
    const { pool, queueId } = push
    const job = { pool, queueId }
    this.#push = push
    this.#deployments = [
      push.deployment,
      await commandDeployment(stage.deps, { ...job, name: 'limited', concurrencyLimit: 1 }),
      await commandDeployment(stage.deps, {
        ...job,
        name: 'timed',
        jobVariables: { command: ['work'], timeout_seconds: TIME_LIMIT_SECONDS },
      }),
      await commandDeployment(stage.deps, { ...job, name: 'flow', jobVariables: {}, entrypoint: 'flow.py:main' }),
    ]
    stage.ecs.script = ({ command }) => this.#script(command[0] === 'work')
    const sometime = (act: () => void) => this.#sim.later(random() * ACTIVE_SECONDS, act)
    for (let n = 0; n < BURSTS; n += 1) sometime(() => this.#burst(n))
    for (let n = 0; n < CANCELS; n += 1) sometime(() => this.#cancel())
    for (let n = 0; n < RETRIES; n += 1) sometime(() => this.#retry())
    sometime(() => this.#operate({ limit: 1 + Math.floor(random() * 3) }))
    if (random() < 0.4) sometime(() => this.#introduceLimit(push.deployment))
  }

  /** Many runs at once, workers that compete for them, and at times an operator who pauses them. */
  #burst(number: number): void {
    const soon = (act: () => void) => this.#sim.later(this.#sim.random() * BURST_SECONDS, act)
    for (let n = 0; n < BURST_RUNS; n += 1) soon(() => this.#create(number * BURST_RUNS + n))
    for (let n = 0; n < 2; n += 1) this.#sim.later(1 + this.#sim.random() * BURST_SECONDS, () => this.#poll())
    const resume = () => this.#sim.later(10, () => this.#operate({ paused: false }))
    if (this.#sim.random() < 0.6)
      this.#sim.later(2 + this.#sim.random() * BURST_SECONDS, () => this.#operate({ paused: true }, resume))
  }

  /** Opens what operators closed, so that everything can end. */
  heal(): void {
    this.#operate({ limit: 4, paused: false })
  }

  /** A flow's process has started in its container: it reports its own states, under its generation. */
  flowStarted({ startedBy }: EcsTask, runsForSeconds: number): void {
    const fence = parseStartedBy(startedBy)
    if (!fence) return
    const { id } = fence
    this.#report(id, { type: 'RUNNING' }, { fence }, () => {
      this.#sim.later(runsForSeconds / 2, () => this.#report(id, { type: 'COMPLETED' }, { fence }))
    })
  }

  #script(timed: boolean): Partial<TaskScript> {
    const { random } = this.#sim
    return {
      startsAfterSeconds: random() * 15,
      runsForSeconds: timed && random() < 0.6 ? null : 2 + random() * 40,
      exitCode: random() < 0.3 ? 1 : 0,
      stopsWithinSeconds: random() * 10,
    }
  }

  /** A request that is retried until it gets a response, as by a careful client. */
  #ask<T>(name: string, code: (deps: Deps) => Promise<T>, answered: (value: T) => void = () => undefined): void {
    this.#open += 1
    void this.#sim.spawn(`api ${name}`, FUNCTION_SECONDS.api, code).then((outcome) => {
      this.#open -= 1
      if (outcome.kind === 'answered') answered(outcome.value)
      else this.#sim.later(1 + this.#sim.random() * 5, () => this.#ask(name, code, answered))
    })
  }

  #create(n: number): void {
    const { random, stage } = this.#sim
    const deployment = this.#deployments[Math.floor(random() * this.#deployments.length)]
    if (!deployment) throw new Error('no deployment')
    const wait = random() < 0.8 ? 0 : random() * 90
    const input = {
      flowId: deployment.flowId,
      deploymentId: deployment.id,
      state: { type: 'SCHEDULED' as const, details: { scheduledTime: addSeconds(stage.world.clock.now(), wait) } },
      details: { idempotencyKey: `run-${n}` },
    }
    this.#ask(
      `create ${n}`,
      (deps) => createFlowRun(deps, input),
      ({ run }) => this.accepted.add(run.id),
    )
  }

  #cancel(): void {
    const id = this.#pick()
    if (!id) return
    this.#report(id, { type: 'CANCELLING', message: 'Not needed any more.' }, {}, ({ verdict }) => {
      if (verdict.status !== 'ABORT') this.cancelled.add(id)
    })
  }

  /** A user retries a run. Events of its first try may still be on their way. */
  #retry(): void {
    const id = this.#pick()
    if (id && this.#sim.hasEnded(id)) this.#report(id, { type: 'SCHEDULED', name: 'AwaitingRetry' })
  }

  /** An accepted run that has not been interfered with yet. */
  #pick(): string | undefined {
    const ids = [...this.accepted].filter((id) => !this.#meddled.has(id))
    const id = ids[Math.floor(this.#sim.random() * ids.length)]
    if (id) this.#meddled.add(id)
    return id
  }

  /** A Prefect worker polls, and tries to start the runs returned; some may be claimed by then. */
  #poll(): void {
    const { id: poolId } = this.#known().pool
    const scheduledBefore = addSeconds(this.#sim.stage.world.clock.now(), 10)
    const poll = (deps: Deps) => listScheduledRuns(deps, { poolId, scheduledBefore, limit: 3 })
    this.#ask('poll', poll, (found) => {
      for (const { run } of found) this.#sim.later(this.#sim.random() * 2, () => this.#propose(run.id))
    })
  }

  #propose(id: string): void {
    this.#report(id, { type: 'PENDING' }, {}, ({ verdict, run }) => {
      const pending = verdict.status === 'ACCEPT' || (verdict.status === 'REJECT' && verdict.state.type === 'PENDING')
      if (pending) this.#sim.later(this.#sim.random() * 5, () => this.#work(id, 'RUNNING'))
      else if (run.claim?.by.kind === 'client' && run.state.type === 'CANCELLING')
        this.#report(id, { type: 'CANCELLED' })
    })
  }

  #work(id: string, type: 'RUNNING' | 'COMPLETED'): void {
    this.#report(id, { type }, {}, ({ verdict, run }) => {
      if (verdict.status === 'WAIT') this.#sim.later(verdict.delaySeconds, () => this.#work(id, type))
      else if (run.state.type === 'CANCELLING') this.#report(id, { type: 'CANCELLED' })
      else if (type === 'RUNNING') this.#sim.later(this.#sim.random() * 30, () => this.#work(id, 'COMPLETED'))
    })
  }

  #report(
    id: string,
    state: ProposedState,
    options: SetStateOptions = {},
    answered: (result: SetStateResult) => void = () => undefined,
  ): void {
    this.#asked += 1
    const proposed = { ...state, details: { transitionId: `transition-${this.#asked}` } }
    const generation = options.fence?.generation
    this.#ask(
      `${state.type} of ${id.slice(-6)}`,
      (deps) => setState(deps, id, proposed, options),
      (result) => {
        const stale = generation !== undefined && generation !== result.run.generation
        if (stale && result.wrote) this.violations.push(`I6 a report of generation ${generation} changed run ${id}`)
        answered(result)
      },
    )
  }

  #operate(settings: LimitSettings, answered: () => void = () => undefined): void {
    const { pool, queueId } = this.#known()
    const change = async (deps: Deps) => {
      const queue = await getQueue(deps.table, pool.id, queueId)
      if (queue) await updateWorkQueue(deps, queue, {}, settings)
    }
    this.#ask(`queue ${JSON.stringify(settings)}`, change, answered)
  }

  #introduceLimit(deployment: Deployment): void {
    this.#ask('first deployment limit', (deps) => updateDeployment(deps, deployment.id, { concurrencyLimit: 2 }))
  }

  #known(): PushPool {
    if (!this.#push) throw new Error('not open yet')
    return this.#push
  }
}
