import { randomUUID } from 'node:crypto'
import type { BodyOf, ReplyOf } from '#shared/client/client.ts'
import type { Deps } from '#shared/deps.ts'
import { api, type Reply } from './api.ts'

type Body = BodyOf<'claimWork'>
export type ClaimReply = ReplyOf<'claimWork'>

/** An agent as the API sees it: it calls, and remembers what it was given. */
export class ClaimingAgent {
  readonly #client: ReturnType<typeof api>
  readonly pool: string
  readonly agent: Body['agent']
  session = randomUUID() as string
  sequence = 0
  /** The runs that it would name as held. */
  holding: { flow_run_id: string; generation: number }[] = []
  /** What it asks for with each call. */
  settings: Partial<Body>

  constructor(deps: Deps, pool: string, name: string, settings: Partial<Body> = {}) {
    this.#client = api(deps)
    this.pool = pool
    this.agent = { id: randomUUID(), name }
    this.settings = settings
  }

  /** Calls, and takes what it is given; throws for an answer without success. */
  async claim(change: Partial<Body> = {}): Promise<ClaimReply> {
    const { status, body } = await this.send(change)
    if (status !== 200) throw new Error(`claim answered ${status}: ${JSON.stringify(body)}`)
    const reply = body as ClaimReply
    this.take(reply)
    return reply
  }

  /** Calls, and does not hear the answer. */
  async send(change: Partial<Body> = {}): Promise<Reply> {
    const slots = 3 - this.holding.length
    return await this.#client.post(`/work_pools/${this.pool}/claim`, {
      agent: this.agent,
      session: this.session,
      sequence: this.sequence,
      request_id: randomUUID(),
      free: { slots },
      capacity: { slots: 3 },
      holding: this.holding,
      ...this.settings,
      ...change,
    })
  }

  /** Takes an answer as an agent does: ignores an old one, and starts each run once. */
  take(reply: ClaimReply): string[] {
    if (reply.sequence < this.sequence) return []
    this.sequence = reply.sequence
    const fresh = reply.runs.filter(({ flow_run: { id }, generation }) => {
      return !this.holding.some((held) => held.flow_run_id === id && held.generation === generation)
    })
    this.holding.push(...fresh.map(({ flow_run: { id }, generation }) => ({ flow_run_id: id, generation })))
    return fresh.map(({ flow_run: { id } }) => id)
  }

  /** Reports a state of a run under its claim. */
  async report(run: ClaimReply['runs'][number], type: string): Promise<Reply> {
    const { flow_run: flowRun, life, generation } = run
    const headers = { 'x-pushpool-generation': `${flowRun.id}/${life}/${generation}` }
    return await this.#client.post(`/flow_runs/${flowRun.id}/set_state`, { state: { type } }, { headers })
  }

  /** Reports how a run ended, and holds it no more. */
  async end(run: ClaimReply['runs'][number], type = 'COMPLETED'): Promise<void> {
    await this.report(run, 'RUNNING')
    await this.report(run, type)
    this.holding = this.holding.filter((held) => held.flow_run_id !== run.flow_run.id)
  }
}
