/** Seconds that a process may live on where clocks differ by nothing. */
const ROUNDING_SECONDS = 0.001

/** An agent that somebody has on a host. */
export interface KnownAgent {
  id: string
  name: string
  pool: string
}

/** The process of a run on an agent's host. */
export interface AgentProcess {
  run: { id: string; life: string; generation: number }
  flowId: string
  cpu: number
  session: KnownSession
  /** When it ended, in seconds of the world; null while it was not heard to. */
  endedAt: number | null
}

/** One start of an agent, with what it said of itself and what it has started. */
export interface KnownSession {
  id: string
  agentId: string
  slots: number
  /** CPU units that it has in all; null where it keeps no account of them. */
  cpu: number | null
  /** How many runs of a flow it wants at once; null for any number. */
  limitOf: (flowId: string) => number | null
  /** When its watcher ends its processes: its lease as of the last answer, counted from when that was asked for. */
  deadline: number
  /** Whether it ever had two calls under way at once. */
  overlaps: boolean
  processes: AgentProcess[]
}

/** Whether a process lives, by its host's watcher and what was heard of it. */
export function livesAt({ endedAt, session }: AgentProcess, seconds: number): boolean {
  return endedAt === null && seconds < session.deadline
}

/** The agents of a world, and the processes on their hosts. */
export class KnownAgents {
  readonly list: KnownAgent[] = []
  readonly sessions = new Map<string, KnownSession>()
  readonly #sentAt = new Map<string, number>()

  /** Notes that a call was sent; of one that is repeated, the first time counts. */
  noteSent(requestId: string, seconds: number): void {
    if (!this.#sentAt.has(requestId)) this.#sentAt.set(requestId, seconds)
  }

  /** When a call was sent first. */
  sentAt(requestId: string): number | undefined {
    return this.#sentAt.get(requestId)
  }

  /** Starts a process; says what is wrong about that. */
  start(process: AgentProcess, seconds: number): string[] {
    const { run, session, flowId } = process
    const others = [...this.sessions.values()].flatMap(({ processes }) => processes)
    const same = others.filter(
      (other) => other.run.id === run.id && other.run.life === run.life && other.run.generation === run.generation,
    )
    session.processes.push(process)
    const alive = session.processes.filter((each) => livesAt(each, seconds))
    const limit = session.limitOf(flowId) ?? Infinity
    const ofFlow = alive.filter((each) => each.flowId === flowId)
    const cpu = alive.reduce((sum, each) => sum + each.cpu, 0)
    const name = `run ${run.id} of generation ${run.generation}`
    return [
      ...(same.length > 0 ? [`I1 ${name} is started twice, in session ${session.id} and ${same[0]?.session.id}`] : []),
      // Of calls that overtake each other, one says what is not so any more.
      ...(alive.length > session.slots && !session.overlaps ? [`I2 ${name} is one too many of ${session.slots}`] : []),
      ...(ofFlow.length > limit && !session.overlaps ? [`I2 ${name} is one too many of its flow's ${limit}`] : []),
      ...(cpu > (session.cpu ?? Infinity) && !session.overlaps ? [`I2 ${name} needs more CPU than is left`] : []),
    ]
  }

  /** The processes of hand-outs of a run up to a generation that live on at an instant, by more than clocks differ. */
  alive(run: AgentProcess['run'], seconds: number, clocksDifferSeconds: number): AgentProcess[] {
    const surely = seconds + clocksDifferSeconds + ROUNDING_SECONDS
    return [...this.sessions.values()].flatMap(({ processes }) =>
      processes.filter(
        (each) =>
          each.run.id === run.id &&
          each.run.life === run.life &&
          each.run.generation <= run.generation &&
          livesAt(each, surely),
      ),
    )
  }
}
