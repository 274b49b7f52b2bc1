import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { addSeconds, secondsBetween } from '#shared/instant.ts'
import { SimulatedEcs } from '../../support/ecs/simulated-ecs.ts'
import { taskEventBody, tickEvent } from '../../support/lambda-events.ts'
import { described, kindOf, verbOf } from '../outside/message-kind.ts'
import { MessageQueue } from '../outside/message-queue.ts'
import { setHabits } from '../outside/odd-ecs.ts'
import { MemoryTable } from '../table/memory-table.ts'
import type { WorldTable } from '../table/world-table.ts'
import { Agenda } from './agenda.ts'
import { Chance } from './chance.ts'
import { type Container, openContainer } from './container.ts'
import { FaultCounts } from './fault-counts.ts'
import type { Call, Fault } from './faults.ts'
import { sendPart } from './held-queue.ts'
import { indexLag } from './index-lag.ts'
import { isDisabled, type Outages, outagesOf, type Part } from './outages.ts'
import { partialAnswer } from './partial-answer.ts'
import type { Outcome, Process } from './process.ts'
import { CALM, type Profile } from './profile.ts'
import { Scheduler, type Step, settled, turned } from './scheduler.ts'
import { useVirtualTime } from './virtual-time.ts'
import { WorldClock } from './world-clock.ts'

/** How long Lambda lets each function run. */
const FUNCTION_SECONDS = { api: 29, dispatcher: 90, sweeper: 120, taskEvents: 30 }
const TICK_SECONDS = 60
/** What each tick invokes. */
const TICKED = ['tick', 'sweep']
/** Old news comes within this time of a launch. */
const ECHO_SECONDS = 30
/** Calls of a slow process take so many times as long: any write of another may come between two of them. */
const SLOWNESS = { min: 3, max: 10 }
/** Containers of each function; each remembers things of its own. */
const CONTAINERS = 2
/** How often clients turn to what others do, too; and to which of the first deployments. */
const HEATS = [0, 0.25, 0.5]
const HOT_DEPLOYMENTS = 9
/** Many times what a world takes; more is a loop. */
const CALLS_MAX = 20_000
/** Turns of the event loop in which code may prepare its next call. */
const TURNS_MAX = 200

export interface WorldOptions {
  seed: number
  profile: Profile
  /** Whether a fault may strike a process's call; a story leaves some out. */
  allows?: (process: Process, call: number, fault: Fault) => boolean
  /** Called after each committed write. */
  watch: (step: Step) => void
  /** Called before each call that is made. */
  foresee?: (table: WorldTable, process: Process, call: Call) => void
  /** Where things are stored; in memory, if it is left out. */
  table?: WorldTable | undefined
}

/** A whole service in a world that its seed determines: its functions, ECS, queues, and what goes wrong. */
export class World {
  readonly clock = new WorldClock()
  readonly chance: Chance
  readonly table: WorldTable
  readonly ecs = new SimulatedEcs(this.clock)
  readonly scheduler: Scheduler
  readonly events: MessageQueue
  readonly wakeUps: MessageQueue
  readonly problems: string[] = []
  /** Calls of the API so far. */
  calls = 0
  readonly faults = new FaultCounts(this.clock)
  profile: Profile
  /** What clients turn to first, and how often: in some worlds they meet at one deployment. */
  readonly hot: { share: number; deployment: number }
  /** Called between any two calls. At rest no process is under way, so that the table is all there is. */
  between: (atRest: boolean) => Promise<void> | undefined = () => undefined
  /** Told when a flow's container has started. */
  flowStarted: (task: SimulatedEcs['started'][number]) => void = () => undefined
  /** Told of news of a task that has been taken from its queue. */
  newsTaken: (body: string) => void = () => undefined
  readonly #agenda = new Agenda()
  readonly #containers: Container[]
  readonly #skews: number[]
  /** By how much the clocks of two processes differ at most. */
  readonly clocksDifferSeconds: number
  readonly #outages: Outages
  #waiting = 0

  constructor({
    seed,
    profile,
    allows = () => true,
    watch,
    foresee,
    table = new MemoryTable('pushpool'),
  }: WorldOptions) {
    this.profile = profile
    this.table = table
    this.chance = new Chance(`world ${seed}`)
    const heat = this.chance.of('heat')
    this.hot = { share: heat.pick(HEATS) ?? 0, deployment: heat.whole(0, HOT_DEPLOYMENTS - 1) }
    const lag = indexLag(this.table, this.chance.of('index'), () => this.profile, this.clock)
    this.scheduler = new Scheduler(
      {
        clock: this.clock,
        allows,
        partial: (call, process) => this.#answerInPart(call, process),
        before: (process, call) => {
          lag.pass()
          this.faults.noteQuery(this.table, process, call)
          foresee?.(this.table, process, call)
        },
        afterWrite: watch,
      },
      profile.rates,
    )
    useVirtualTime(this.scheduler)
    setHabits(this.ecs, this.chance.of('ecs'), () => this.profile.ecsOdd, this.#echo.bind(this))
    this.faults.watchAnswers(this.ecs, this.scheduler)
    Object.assign(this.ecs, {
      visibleAfterSeconds: profile.visibleAfterSeconds,
      skewSeconds: profile.ecsSkewSeconds,
    })
    this.#outages = outagesOf(this.chance.of('outages'), profile, this.clock.now())
    this.#skews = Array.from({ length: CONTAINERS }, (_, at) => {
      const most = profile.skewSecondsMax
      return this.chance.of(`clock ${at}`).between(-most, most)
    })
    this.clocksDifferSeconds = Math.max(0, ...this.#skews) - Math.min(0, ...this.#skews)
    this.#containers = this.#skews.map((skew) => this.#open(skew))
    const { taskEvents, dispatcher } = FUNCTION_SECONDS
    this.events = this.#queue('task event', taskEvents, (container, event) => container.taskEvents(event))
    this.wakeUps = this.#queue('wake-up', dispatcher, (container, event) => container.dispatcher(event))
  }

  /** Runs an action after some seconds of the world's time. */
  later(seconds: number, act: () => void): void {
    this.#agenda.add(addSeconds(this.clock.now(), seconds), act)
  }

  /** Lets a client wait. */
  sleep(seconds: number): Promise<void> {
    this.#waiting += 1
    return new Promise((resolve) => {
      this.later(seconds, () => {
        this.#waiting -= 1
        resolve()
      })
    })
  }

  /** Invokes the api, in a container by the request's own chance. */
  callApi(
    verb: string,
    name: string,
    code: (container: Container) => Promise<Response>,
    claim?: string,
  ): Promise<Outcome<Response>> {
    this.calls += 1
    if (this.#isDisabled('api')) return Promise.resolve({ kind: 'died' })
    return this.#invoke(verb, name, FUNCTION_SECONDS.api, code, claim)
  }

  /** Lets news of a run's earlier tasks come once more while another is launched: those of other lives and generations. */
  #echo({ runId, startedBy }: LaunchRequest, chance: Chance): void {
    const share = this.profile.events.echoed
    if (share === 0) return
    for (const { request, news } of this.ecs.started) {
      const others = request.runId === runId && request.startedBy !== startedBy
      if (others && chance.hits(share)) this.events.echo(taskEventBody(news), ECHO_SECONDS * chance.next() ** 3)
    }
  }

  #isDisabled(part: Part): boolean {
    return this.profile.outages > 0 && isDisabled(this.#outages, part, this.clock.now())
  }

  /** The functions without a process around them: for making a world ready, and for looking at it. */
  get outside(): Container {
    const [first] = this.#containers
    if (!first) throw new Error('no container')
    return first
  }

  /** Begins the ticks. */
  start(): void {
    this.later(TICK_SECONDS, () => this.#tick(1))
  }

  /** Ends all faults; what is held back becomes visible. */
  heal(): void {
    this.profile = CALM
    this.scheduler.rates = CALM.rates
    Object.assign(this.ecs, { visibleAfterSeconds: 0, skewSeconds: 0 })
  }

  /** Whether anything is under way that will go on by itself, ticks and so many clients that wait apart. */
  isBusy(waiting: number): boolean {
    const isIdle = this.scheduler.running === 0 && this.#waiting <= waiting
    return !isIdle || this.events.busy || this.wakeUps.busy || this.ecs.alive().length > 0
  }

  /** Lets time pass: what is due happens, and in between the processes make their calls, one at a time. */
  async pass(seconds: number, over: () => boolean): Promise<void> {
    const end = addSeconds(this.clock.now(), seconds)
    while (this.problems.length === 0 && this.clock.now() < end && !over()) {
      if (this.scheduler.steps.length > CALLS_MAX) {
        this.problems.push(`I7 more than ${CALLS_MAX} calls were made`)
        return
      }
      this.#happen()
      await this.#quiet()
      await this.between(this.scheduler.running === 0)
      const now = this.clock.now()
      const nextCall = this.scheduler.nextAt
      const next = [this.#agenda.nextAt, this.ecs.nextDue()].filter((at) => at !== null)
      if (nextCall !== null && nextCall <= Math.min(end, ...next)) await this.scheduler.step()
      else this.clock.moveTo(Math.max(now + 1, Math.min(end, ...next)))
    }
  }

  #happen(): void {
    this.#agenda.runDue(this.clock.now())
    this.ecs.pass()
    for (const task of this.ecs.takeNews()) {
      this.events.send(taskEventBody(task))
      const started = this.ecs.started.find(({ news }) => news.taskArn === task.taskArn)
      if (task.lastStatus === 'STOPPED')
        this.faults.note('task event', 'odd ECS', started?.script.ends !== undefined, `the end of ${task.startedBy}`)
      if (started && task.lastStatus === 'RUNNING' && started.request.env.PREFECT__FLOW_RUN_ID)
        this.flowStarted(started)
    }
    for (const queue of [this.events, this.wakeUps]) queue.pump()
  }

  /** Lets all code go on until each process waits for a call, or for the world. */
  async #quiet(): Promise<void> {
    await settled()
    for (let turn = 0; turn < TURNS_MAX && this.scheduler.running > 0 && this.scheduler.nextAt === null; turn += 1) {
      await turned()
    }
  }

  #tick(number: number): void {
    this.later(TICK_SECONDS, () => this.#tick(number + 1))
    const chance = this.chance.of(`tick ${number}`)
    const lost = chance.hits(this.profile.ticksLost) || this.#isDisabled('ticks')
    this.faults.note(TICKED, 'message lost', lost, `tick ${number}`)
    if (lost) return
    const event = tickEvent(this.clock.now())
    const times = chance.hits(this.profile.ticksDoubled) ? 2 : 1
    this.faults.note(TICKED, 'message doubled', times > 1, `tick ${number}`)
    for (let n = 1; n <= times; n += 1) {
      const { dispatcher, sweeper } = FUNCTION_SECONDS
      void this.#invoke('tick', `tick ${number}.${n}`, dispatcher, (container) => container.dispatcher(event))
      void this.#invoke('sweep', `sweep ${number}.${n}`, sweeper, (container) => container.sweeper(event))
    }
  }

  #invoke<T>(
    verb: string,
    name: string,
    seconds: number,
    code: (container: Container) => Promise<T>,
    claim?: string,
  ): Promise<Outcome<T>> {
    const chance = this.chance.of(`process ${name}`)
    const at = chance.whole(0, CONTAINERS - 1)
    const [container, skewSeconds] = [this.#containers[at] ?? this.outside, this.#skews[at] ?? 0]
    this.faults.note(verb, 'clock skew', skewSeconds !== 0, name)
    const process: Process = {
      name,
      verb,
      chance,
      claim,
      bornAt: this.clock.at,
      diesAt: addSeconds(this.clock.now(), seconds),
      dead: false,
      skewSeconds,
      slowness: chance.hits(this.profile.slow) ? chance.between(SLOWNESS.min, SLOWNESS.max) : 1,
    }
    return this.scheduler.run(process, () => code(container))
  }

  async #answerInPart(call: Call, { chance }: Process): Promise<unknown> {
    if (call.name !== 'SendMessageBatch') return await partialAnswer(this.table, call, chance)
    return sendPart(call.input as SendMessageBatchCommandInput, (...message) => this.wakeUps.send(...message), chance)
  }

  #open(skewSeconds: number): Container {
    const { table, clock, ecs, scheduler } = this
    return openContainer(
      {
        table,
        clock,
        chance: this.chance.of('outside'),
        tasks: ecs,
        scheduler,
        send: (body, delaySeconds) => this.wakeUps.send(body, delaySeconds),
        answers: () => !this.#isDisabled('api'),
        noted: () => undefined,
      },
      skewSeconds,
    )
  }

  #queue(
    name: 'task event' | 'wake-up',
    seconds: number,
    consume: (container: Container, event: SQSEvent) => Promise<SQSBatchResponse>,
  ): MessageQueue {
    return new MessageQueue({
      name,
      chance: this.chance.of(name),
      travel: () => (name === 'task event' ? this.profile.events : this.profile.wakeUps),
      now: () => this.clock.now(),
      later: (after, act) => this.later(after, act),
      consume: async (event, number) => {
        if (this.#isDisabled(name)) return { kind: 'died' }
        return await this.#invoke(verbOf(event), `${name}s ${number}`, seconds, (container) =>
          consume(container, event),
        )
      },
      taken: (body) => {
        if (name === 'task event') this.newsTaken(body)
      },
      noted: (body, fault, struck) => this.faults.note(kindOf(body), fault, struck, struck ? described(body) : ''),
    })
  }

  /** Seconds of the world's time since an instant of it. */
  since(instant: number): number {
    return secondsBetween(instant, this.clock.now())
  }
}
