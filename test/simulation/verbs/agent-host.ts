import type { BodyOf, ReplyOf } from '#shared/client/client.ts'
import type { Answer } from '../outside/caller.ts'
import type { AgentProcess, KnownAgent, KnownSession } from '../outside/known-agents.ts'
import { livesAt } from '../outside/known-agents.ts'
import { reportEnd, runOnHost } from './agent-run.ts'
import { mortal } from './mortal.ts'
import { uuidOf } from './uuid-of.ts'
import type { Scene } from './verb.ts'

type Body = BodyOf<'claimWork'>
type Reply = ReplyOf<'claimWork'>
type Handed = Reply['runs'][number]

/** What an agent asks for each time. */
export interface AgentSettings {
  slots: number
  /** CPU units, where it keeps account of them. */
  cpu: number | null
  leaseSeconds: number
  ask: Pick<Body, 'queues' | 'match' | 'order' | 'flow_limits' | 'prefetch_seconds'>
}

/** A call that this many seconds long has no answer gets none. */
const DRAIN_ROUNDS_MAX = 12
/** How often an answer is lost on its way to the host, and the call is then repeated. */
const LOSES = 0.12
const REPEATS = 0.6
/** How often two calls are under way at once: sent at once, or one after the other. */
const HASTY = 0.06
const TWO_AT_ONCE = 0.15
/** What an agent that has lost its session may leave alive meanwhile. */
const STOP_SECONDS = 5

/** One start of a pushpool agent: it has a session, claims runs, and starts a process for each. */
export class AgentHost {
  readonly session: KnownSession
  readonly #outside: Scene
  readonly #scene: Scene
  readonly #agent: KnownAgent
  readonly #settings: AgentSettings
  /** By run and generation. What has been started once is never started again. */
  readonly #started = new Map<string, AgentProcess>()
  readonly #held = new Set<AgentProcess>()
  #sequence = 0
  /** Of the last call that was not answered. */
  #unanswered: string | undefined
  #dead = false
  #over = false
  #draining = false
  #stoppedUntil = 0

  constructor(scene: Scene, agent: KnownAgent, settings: AgentSettings) {
    const { slots, cpu, ask } = settings
    this.#outside = scene
    this.#scene = mortal(scene, () => !this.#dead)
    this.#agent = agent
    this.#settings = settings
    this.session = {
      id: uuidOf(scene),
      agentId: agent.id,
      slots,
      cpu,
      limitOf: (flowId) => {
        const name = scene.known.flows.find(({ id }) => id === flowId)?.name ?? ''
        return ask.flow_limits?.by_flow?.[name] ?? ask.flow_limits?.each ?? null
      },
      deadline: 0,
      overlaps: false,
      processes: [],
    }
    scene.known.agents.sessions.set(this.session.id, this.session)
  }

  get over(): boolean {
    return this.#over || this.#dead
  }

  /** Calls as often as this, in between as its lease asks for. */
  async serve(rounds: number): Promise<void> {
    const { chance, sleep } = this.#scene
    for (let left = rounds; left > 0 && !this.over; left -= 1) {
      await (chance.hits(TWO_AT_ONCE) ? this.#callTwice() : this.#call())
      if (this.over) return
      await sleep(this.#settings.leaseSeconds * chance.between(0.1, 0.5))
    }
  }

  /** Dies, and all its processes with it. */
  kill(): void {
    this.#dead = true
    for (const process of this.session.processes) process.endedAt ??= this.#scene.now()
  }

  /** Stands still; its watcher goes on. */
  async stop(seconds: number): Promise<void> {
    this.#stoppedUntil = this.#scene.now() + seconds
    await this.#scene.sleep(seconds)
  }

  /** Finishes what it holds, takes nothing more, and leaves. */
  async drain(): Promise<void> {
    this.#draining = true
    for (let left = DRAIN_ROUNDS_MAX; left > 0 && !this.over; left -= 1) {
      await this.#call({ draining: true })
      if (this.over) return
      if (this.#held.size === 0 && (await this.#call({ draining: true, leaving: true }))) {
        this.#over = true
        return
      }
      await this.#scene.sleep(this.#settings.leaseSeconds / 4)
    }
    this.kill()
  }

  async #callTwice(): Promise<void> {
    this.session.overlaps = true
    const first = this.#call()
    await this.#scene.sleep(this.#scene.chance.between(0, 1))
    await Promise.all([first, this.#call()])
  }

  /** Calls, and takes the answer. Whether there was one. */
  async #call(change: Partial<Body> = {}): Promise<boolean> {
    const { chance, known, now } = this.#scene
    this.#expire()
    const isHasty = chance.hits(HASTY) && change.leaving === undefined
    if (isHasty) this.session.overlaps = true
    const repeated = chance.hits(REPEATS) ? this.#unanswered : undefined
    const requestId = repeated ?? uuidOf(this.#scene)
    const sentAt = now()
    known.agents.noteSent(requestId, sentAt)
    const client = this.#scene.client(isHasty ? 'hasty' : 'careless')
    const answer = await client.call('claimWork', { name: this.#agent.pool }, { ...this.#body(requestId), ...change })
    if (this.over) return false
    if (answer === undefined || chance.hits(LOSES)) {
      this.#unanswered = requestId
      return false
    }
    this.#unanswered = undefined
    return await this.#hear(answer, sentAt)
  }

  #body(requestId: string): Body {
    const { slots, cpu, leaseSeconds, ask } = this.#settings
    const used = [...this.#held].reduce((sum, process) => sum + process.cpu, 0)
    const roomOf = (slotsLeft: number, cpuLeft: number | null) => ({
      slots: Math.max(0, slotsLeft),
      ...(cpuLeft === null ? {} : { cpu: Math.max(0, cpuLeft) }),
    })
    return {
      agent: { id: this.#agent.id, name: this.#agent.name },
      session: this.session.id,
      sequence: this.#sequence,
      request_id: requestId,
      free: roomOf(slots - this.#held.size, cpu === null ? null : cpu - used),
      capacity: roomOf(slots, cpu),
      holding: [...this.#held].map(({ run: { id, generation } }) => ({ flow_run_id: id, generation })),
      lease_seconds: leaseSeconds,
      draining: this.#draining,
      ...ask,
    }
  }

  async #hear({ status, body }: Answer, sentAt: number): Promise<boolean> {
    this.#expire()
    if (status === 200) {
      this.#take(body as Reply, sentAt)
      return true
    }
    // Its session is over, or its pool is gone: nothing of it may live on.
    if (status !== 409 || !String(body.code).startsWith('session_')) return false
    this.#over = true
    await this.#outside.sleep(this.#scene.chance.between(0, STOP_SECONDS))
    this.kill()
    return false
  }

  #take({ sequence, lease_seconds: leaseSeconds, stop, runs, drain }: Reply, sentAt: number): void {
    if (sequence < this.#sequence) return
    this.#sequence = sequence
    this.session.deadline = Math.max(this.session.deadline, sentAt + leaseSeconds)
    if (drain) this.#draining = true
    for (const { flow_run_id: id, generation, reason } of stop) {
      const process = this.#started.get(`${id}#${generation}`)
      if (!process || !this.#held.has(process)) continue
      if (reason === 'cancelling') void this.#report(process, 'CANCELLED')
      else this.#drop(process)
    }
    // What is handed out too late is handed out again.
    if (this.#scene.now() < this.session.deadline) for (const run of runs) this.#start(run)
  }

  #start(handed: Handed): void {
    const { flow_run: flowRun, life, generation, job } = handed
    const key = `${flowRun.id}#${generation}`
    if (this.#started.has(key)) return
    const process: AgentProcess = {
      run: { id: flowRun.id, life, generation },
      flowId: flowRun.flow_id,
      cpu: job.cpu ?? 0,
      session: this.session,
      endedAt: null,
    }
    const { known, now, chance } = this.#outside
    known.violations.push(...known.agents.start(process, now()))
    this.#started.set(key, process)
    this.#held.add(process)
    const lives = () => livesAt(process, now())
    const scene = mortal({ ...this.#outside, chance: chance.of(key) }, lives)
    void runOnHost(scene, process, handed).then(() => this.#report(process))
  }

  /** Its watcher has ended what was alive when the lease ran out. */
  #expire(): void {
    const { deadline } = this.session
    if (this.#scene.now() < deadline) return
    for (const process of this.#held) if (process.endedAt === null) void this.#report(process)
  }

  #drop(process: AgentProcess): void {
    process.endedAt ??= this.#scene.now()
    this.#held.delete(process)
  }

  /** A process has ended, or is ended now: reports it, and holds it no more. */
  async #report(process: AgentProcess, type: 'CRASHED' | 'CANCELLED' = 'CRASHED'): Promise<void> {
    process.endedAt ??= this.#scene.now()
    if (this.over || !this.#held.has(process)) return
    const stopped = this.#stoppedUntil - this.#scene.now()
    if (stopped > 0) await this.#scene.sleep(stopped)
    const scene = {
      ...this.#scene,
      chance: this.#outside.chance.of(`end of ${process.run.id}#${process.run.generation}`),
    }
    if (await reportEnd(scene, process, type)) this.#held.delete(process)
  }
}
