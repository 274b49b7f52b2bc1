import { parseArguments } from '#shared/client/arguments.ts'
import type { ArgumentsOf, OperationName } from '#shared/client/client.ts'
import { OPERATIONS } from '#shared/client/operations.ts'
import { requestOf } from '#shared/client/request.ts'
import type { Contract } from '#shared/contract/endpoints.ts'
import type { Deps } from '#shared/deps.ts'
import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { createApi } from '../../../functions/api/app.ts'
import { SimulatedEcs } from '../../support/ecs/simulated-ecs.ts'
import { sqsEvent, taskEventBody, tickEvent } from '../../support/lambda-events.ts'
import type { Chance } from '../machine/chance.ts'
import { type Container, openContainer } from '../machine/container.ts'
import type { Call } from '../machine/faults.ts'
import { WorldClock } from '../machine/world-clock.ts'
import { type Answer, CLAIM_HEADER } from '../outside/caller.ts'
import { apiRequest } from '../outside/plain-request.ts'
import type { MemoryTable } from '../table/memory-table.ts'
import type { WorldTable } from '../table/world-table.ts'
import type { UnguardedWrites } from './rivals/unguarded-writes.ts'

/** What a fork begins with: a world between two calls, or another fork. */
export interface Origin {
  table: WorldTable
  clock: Pick<WorldClock, 'at'>
  ecs: Pick<SimulatedEcs, 'started'>
}

let serving: Deps | undefined
/** One API for all forks, of which one calls at a time: its routes take longer to put together than most calls. */
const api = createApi(new Proxy({} as Deps, { get: (_, member) => Reflect.get(serving ?? {}, member) as unknown }))

async function answer(deps: Deps, request: Request): Promise<Response> {
  serving = deps
  return await api.fetch(request)
}

/**
 * A world for looking ahead: the table as it is, with nothing that lags, and one container of the product's functions to
 * which nothing happens. Its ECS starts everything and ends nothing. What is done in it concerns no other world.
 */
export class Fork implements Origin {
  readonly table: MemoryTable
  readonly clock = new WorldClock()
  readonly ecs: SimulatedEcs
  readonly #chance: Chance
  readonly #wakeUps: { body: string; at: Instant }[] = []
  readonly #unguarded: UnguardedWrites | undefined
  #opened: Container | undefined
  #forks = 0

  /** Looks at the writes in it, if something is given that does. */
  constructor({ table, clock, ecs }: Origin, chance: Chance, unguarded?: UnguardedWrites) {
    this.table = table.fork()
    this.table.holdsBack = () => false
    this.table.catchUp()
    this.clock.moveTo(clock.at)
    this.ecs = new SimulatedEcs(this.clock)
    this.ecs.adopt(ecs.started)
    this.ecs.script = () => ({ runsForSeconds: null })
    this.#chance = chance
    this.#unguarded = unguarded
  }

  /** Another one that begins as this one is now. */
  fork(): Fork {
    this.#forks += 1
    return new Fork(this, this.#chance.of(`fork ${this.#forks}`), this.#unguarded)
  }

  /** Calls an operation of the API; a request that is refused is answered with a status of 400 or more. */
  async call<Name extends OperationName>(operation: Name, ...args: ArgumentsOf<Contract[Name]>): Promise<Answer> {
    return await this.callUnder(undefined, operation, ...args)
  }

  /** Calls an operation under a claim, as the process of a flow does. */
  async callUnder<Name extends OperationName>(
    claim: string | undefined,
    operation: Name,
    ...args: ArgumentsOf<Contract[Name]>
  ): Promise<Answer> {
    const { members, body: given } = parseArguments(OPERATIONS[operation], args)
    const { method, path, body } = requestOf(OPERATIONS[operation], members, given)
    const response = await answer(
      this.#container.deps,
      apiRequest(path, { method, headers: claim === undefined ? {} : { [CLAIM_HEADER]: claim }, body }),
    )
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }

  /** Runs the dispatcher as the schedule does. */
  async tick(): Promise<void> {
    await this.#container.dispatcher(tickEvent(this.clock.at))
  }

  /** Runs the sweep as the schedule does; returns how many parts of it failed. */
  async sweep(): Promise<number> {
    const { failures } = await this.#container.sweeper(tickEvent(this.clock.at))
    return failures
  }

  /** Reports what has become of tasks, as ECS's events do. */
  async report(news: readonly EcsTask[]): Promise<void> {
    await this.#container.taskEvents(sqsEvent(news.map(taskEventBody)))
  }

  /** Delivers the wake-ups that are due, and those that these bring, until none is left. */
  async deliver(): Promise<void> {
    for (let due = this.#takeDue(); due.length > 0; due = this.#takeDue())
      await this.#container.dispatcher(sqsEvent(due))
  }

  /** Lets time pass, in which nothing happens by itself. */
  pass(seconds: number): void {
    this.clock.moveTo(addSeconds(this.clock.at, seconds))
  }

  // Most forks are of no use but for their table.
  get #container(): Container {
    this.#opened ??= openContainer(
      {
        table: this.table,
        clock: this.clock,
        chance: this.#chance,
        tasks: this.ecs,
        scheduler: { hold: (call, go) => this.#atOnce(call, go) },
        send: (body, delaySeconds) => {
          this.#wakeUps.push({ body, at: addSeconds(this.clock.at, delaySeconds) })
        },
        answers: () => true,
        noted: () => undefined,
      },
      0,
    )
    return this.#opened
  }

  /** Calls are made at once: nothing else is under way in a fork. */
  #atOnce<T>(call: Call, go: () => Promise<T>): Promise<T> {
    this.#unguarded?.look(this.table, { verb: 'what a fork does' }, call)
    return go()
  }

  #takeDue(): string[] {
    const due = this.#wakeUps.filter(({ at }) => at <= this.clock.at)
    for (const each of due) this.#wakeUps.splice(this.#wakeUps.indexOf(each), 1)
    return due.map(({ body }) => body)
  }
}
