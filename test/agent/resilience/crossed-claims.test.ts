import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BodyOf, ReplyOf } from '#shared/client/create-client.ts'
import { type Machine, openMachine } from './support/machine.ts'

const SLOTS = 4
const RUNS = 24
const ROUNDS_MAX = 60

let machine: Machine
beforeAll(async () => {
  machine = await openMachine()
})
afterAll(() => machine.close())

type Claimed = ReplyOf<'claimWork'>['runs'][number]

/** What becomes of two answers, by their place in the order in which the calls were made. */
const HEARD = [[0, 1], [1, 0], [0], [1], []] as const

/** An agent that has two calls in flight each time, and hears both answers in any order, one of them, or neither. */
class HastyAgent {
  readonly held = new Map<string, Claimed>()
  readonly started: string[] = []
  heldMax = 0
  readonly #agent = { id: randomUUID(), name: 'hasty' }
  readonly #session = randomUUID()
  readonly #queue: string
  #sequence = 0

  constructor(queue: string) {
    this.#queue = queue
  }

  async open(): Promise<void> {
    this.#take(await this.#call(randomUUID(), 0))
  }

  async callTwice(ids: readonly [string, string], heard: readonly number[]): Promise<void> {
    const answers = await Promise.all(ids.map((id) => this.#call(id)))
    for (const at of heard) this.#take(answers[at])
    this.heldMax = Math.max(this.heldMax, this.held.size)
  }

  /** Reports the end of what it has held longest. */
  async endOne(): Promise<void> {
    const [key, run] = [...this.held][0] ?? []
    if (key === undefined || !run) return
    const { flow_run: flowRun, life, generation } = run
    const headers = { 'x-pushpool-generation': `${flowRun.id}/${life}/${generation}` }
    for (const type of ['RUNNING', 'COMPLETED'] as const) {
      const { status } = await machine.client.setFlowRunState({ id: flowRun.id }, { state: { type } }, { headers })
      if (status !== 'ACCEPT') throw new Error(`${type} was answered with ${status}`)
    }
    this.held.delete(key)
  }

  #take(answer: ReplyOf<'claimWork'> | undefined): void {
    if (!answer || answer.sequence < this.#sequence) return
    this.#sequence = answer.sequence
    for (const run of answer.runs) {
      const key = `${run.flow_run.id}/${run.generation}`
      if (this.held.has(key)) continue
      this.started.push(key)
      this.held.set(key, run)
    }
  }

  #call(requestId: string, slots = SLOTS - this.held.size) {
    const body: BodyOf<'claimWork'> = {
      agent: this.#agent,
      session: this.#session,
      sequence: this.#sequence,
      request_id: requestId,
      queues: [this.#queue],
      free: { slots },
      capacity: { slots: SLOTS },
      holding: [...this.held.values()].map(({ flow_run, generation }) => ({ flow_run_id: flow_run.id, generation })),
    }
    return machine.client.claimWork({ name: 'machines' }, body)
  }
}

describe('two claim calls in flight', () => {
  it.each(['one request id', 'two request ids'])('with %s start each run once, and forget none', async (ids) => {
    const agent = new HastyAgent(ids)
    await agent.open()
    const runs = await machine.create(await machine.deploy('true', { queue: ids }), RUNS)
    for (let round = 0; agent.started.length < RUNS || agent.held.size > 0; round += 1) {
      expect(round).toBeLessThan(ROUNDS_MAX)
      const first = randomUUID()
      await agent.callTwice([first, ids === 'one request id' ? first : randomUUID()], HEARD[round % HEARD.length] ?? [])
      await agent.endOne()
    }
    expect(agent.started.toSorted()).toEqual(runs.map((id) => `${id}/1`).toSorted())
    expect(agent.heldMax).toBe(SLOTS)
    const ended = await machine.ended(runs)
    expect(ended.map(({ state_type: type, run_count: count }) => `${type} ${count}`)).toEqual(
      runs.map(() => 'COMPLETED 1'),
    )
    for (const id of runs) {
      const types = (await machine.statesOf(id)).map(({ type }) => type)
      expect(types).toEqual(['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED'])
    }
  })
})
