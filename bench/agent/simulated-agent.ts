import type { Client } from '#shared/client/create-client.ts'
import { VERSION } from '#shared/version.ts'
import { type Caller, type ClaimRequest, claimRequest } from '../../agent/claim/claim-request.ts'
import { pace, waitSeconds } from '../../agent/claim/pace.ts'
import { Session } from '../../agent/claim/session.ts'
import { type ClaimedRun, claimOf, fenceHeaders } from '../../agent/report/hand-out.ts'

const WAIT_SECONDS = 20
const LEASE_SECONDS = 180
const LIMIT = 4
const AGENT: Caller = {
  id: crypto.randomUUID(),
  name: 'agent',
  host: 'host',
  version: VERSION,
  queues: ['work'],
  match: [],
  order: 'strict',
  limit: LIMIT,
  cpu: null,
  memory: null,
  flowLimits: { byFlow: {} },
  prefetchSeconds: 10,
  leaseSeconds: LEASE_SECONDS,
}

/** The calls of an agent with one queue and room for several runs; time passes where it would sleep. */
export class SimulatedAgent {
  held: ClaimedRun[] = []
  calls = 0
  readonly #client: Client
  readonly #pool: string
  readonly #pass: (seconds: number) => void
  readonly #session = new Session()
  #idleSeconds: number | undefined

  constructor(client: Client, pool: string, pass: (seconds: number) => void) {
    this.#client = client
    this.#pool = pool
    this.#pass = pass
  }

  /** Calls for so long. */
  async callFor(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; ) {
      const wait = await this.#call()
      this.#pass(wait)
      left -= wait
    }
  }

  async #call(): Promise<number> {
    const request = this.#request()
    const reply = await this.#client.claimWork({ name: this.#pool }, request)
    this.calls += 1
    this.#session.takes(reply)
    for (const run of reply.runs) await this.#start(run)
    const next = pace({
      waited: reply.waited,
      tookSeconds: 0,
      nextDueIn: reply.next_due_in_seconds,
      claimed: reply.runs.length,
      asked: request.free.slots,
      free: LIMIT - this.held.length,
      idleSeconds: this.#idleSeconds,
      held: this.held.length,
      leaseSeconds: LEASE_SECONDS,
    })
    this.#idleSeconds = next.idleSeconds
    return next.seconds
  }

  async #start(run: ClaimedRun): Promise<void> {
    this.held.push(run)
    const headers = fenceHeaders(claimOf(run))
    await this.#client.setFlowRunState({ id: run.flow_run.id }, { state: { type: 'RUNNING' } }, { headers })
  }

  #request(): ClaimRequest {
    const free = LIMIT - this.held.length
    const held = this.held.map((run) => ({ run, isLost: false }))
    return claimRequest(AGENT, held, {
      session: this.#session.id,
      sequence: this.#session.sequence,
      requestId: this.#session.nextRequestId(),
      waitSeconds: waitSeconds({ free, leaseSeconds: LEASE_SECONDS, draining: false }, WAIT_SECONDS),
      draining: false,
      leaving: false,
    })
  }
}
