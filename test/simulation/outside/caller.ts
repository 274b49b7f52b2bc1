import { parseArguments } from '#shared/client/arguments.ts'
import type { ArgumentsOf, OperationName } from '#shared/client/client.ts'
import { OPERATIONS } from '#shared/client/operations.ts'
import { requestOf } from '#shared/client/request.ts'
import type { Contract } from '#shared/contract/endpoints.ts'
import type { Chance } from '../machine/chance.ts'
import type { Container } from '../machine/container.ts'
import type { Outcome } from '../machine/process.ts'
import { apiRequest } from './plain-request.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- what a client reads of an answer
export type Json = any

export interface Answer {
  status: number
  body: Json
}

/** An answer, and what was asked. */
export interface HeardAnswer extends Answer {
  /** Which call it answers, in words. */
  label: string
  operation: OperationName
  /** The members of the path. */
  members: Readonly<Record<string, unknown>> | undefined
  /** The body that was sent. */
  asked: Json
}

/** What a client does when it got no answer, or a 5xx: it repeats its request until it has one, or goes its way. */
export type Persona = 'careful' | 'careless' | 'hasty'

export interface CallerOptions {
  /** Who calls, once in a world. */
  name: string
  chance: Chance
  persona: Persona
  /** The header by which a launched process names its claim. */
  claim?: string | undefined
  /** Runs the api for a request. */
  invoke: (verb: string, name: string, code: (container: Container) => Promise<Response>) => Promise<Outcome<Response>>
  sleep: (seconds: number) => Promise<void>
  /** Told of each answer. */
  heard: (answer: HeardAnswer) => void
}

const TRIES_MAX = 12
/** By which a process says for which hand-out of its run it calls. */
export const CLAIM_HEADER = 'x-pushpool-generation'

/** A client of the API in a world: each call is an invocation of the function, and may get no answer. */
export class Caller {
  readonly #options: CallerOptions
  #calls = 0

  constructor(options: CallerOptions) {
    this.#options = options
  }

  /** Calls an operation; undefined when the client gave up without an answer. */
  async call<Name extends OperationName>(
    operation: Name,
    ...args: ArgumentsOf<Contract[Name]>
  ): Promise<Answer | undefined> {
    const { name, persona, chance, sleep } = this.#options
    this.#calls += 1
    const label = `${name}.${this.#calls} ${operation}`
    // A hasty client sends its request twice, and hears the answer to one of them.
    if (persona === 'hasty') {
      const [first, second] = await Promise.all([
        this.#try(label, 1, operation, args),
        this.#try(label, 2, operation, args),
      ])
      return first ?? second
    }
    for (let tried = 1; tried <= (persona === 'careful' ? TRIES_MAX : 1); tried += 1) {
      const answer = await this.#try(label, tried, operation, args)
      if (answer && answer.status < 500) return answer
      await sleep(chance.between(0.5, 4) * tried)
    }
    return undefined
  }

  async #try(
    label: string,
    number: number,
    operation: OperationName,
    args: readonly unknown[],
  ): Promise<Answer | undefined> {
    const { claim, invoke, heard } = this.#options
    const { members, body: given } = parseArguments(OPERATIONS[operation], args)
    const { method, path, body } = requestOf(OPERATIONS[operation], members, given)
    const headers = claim === undefined ? {} : { [CLAIM_HEADER]: claim }
    const outcome = await invoke(operation, `${label}, try ${number}`, (container) =>
      container.api(apiRequest(path, { method, headers, body })),
    )
    if (outcome.kind !== 'answered') return undefined
    const text = await outcome.value.text()
    const answer = { status: outcome.value.status, body: text === '' ? null : JSON.parse(text) }
    heard({ label, operation, members, asked: given, ...answer })
    return answer
  }
}
