import type { Instant } from '#shared/instant.ts'
import type { SimulatedEcs } from '../../support/ecs/simulated-ecs.ts'
import type { WorldTable } from '../table/world-table.ts'
import type { Call } from './faults.ts'
import type { Process } from './process.ts'
import type { Scheduler } from './scheduler.ts'
import type { WorldClock } from './world-clock.ts'

/** What goes wrong in a world beside the faults at single calls. */
export const OTHER_FAULTS = [
  'index lag',
  'clock skew',
  'message lost',
  'message doubled',
  'message late',
  'odd ECS',
] as const
export type OtherFault = (typeof OTHER_FAULTS)[number]

/** How often a fault could have struck, and how often it did. */
export interface Tally {
  met: number
  struck: number
}

/** One time that it did. */
export interface Incident {
  at: Instant
  fault: OtherFault
  what: string
}

/** Counts the faults of a world that are not at single calls, by the verb that they concern. */
export class FaultCounts {
  readonly byVerb = new Map<string, Map<OtherFault, Tally>>()
  readonly incidents: Incident[] = []
  readonly #clock: WorldClock

  constructor(clock: WorldClock) {
    this.#clock = clock
  }

  /** Counts a chance of a fault to strike, for each of these verbs; `what` says whom. */
  note(verbs: string | readonly string[], fault: OtherFault, struck: boolean, what: string): void {
    for (const verb of [verbs].flat()) {
      const tally = this.#tally(verb, fault)
      tally.met += 1
      if (struck) tally.struck += 1
    }
    if (struck) this.incidents.push({ at: this.#clock.at, fault, what })
  }

  /** Counts a query of an index, and whether that is behind. */
  noteQuery(table: Pick<WorldTable, 'isBehind'>, { verb, name }: Process, { name: call, input }: Call): void {
    const index = call === 'Query' ? (input as { IndexName?: string }).IndexName : undefined
    if (index !== undefined) this.note(verb, 'index lag', table.isBehind(index), `a query by ${name}`)
  }

  /** Counts ECS's answers to launches and questions from now on. */
  watchAnswers(ecs: SimulatedEcs, scheduler: Scheduler): void {
    const { refuse, fail } = ecs
    ecs.fail = (question) => {
      const error = fail(question)
      const { calling } = scheduler
      if (calling) this.note(calling.verb, 'odd ECS', error !== undefined, `an answer to ${calling.name}`)
      return error
    }
    ecs.refuse = (request) => {
      const odd = refuse(request)
      const { calling } = scheduler
      if (calling) this.note(calling.verb, 'odd ECS', odd !== undefined, `RunTask by ${calling.name}`)
      return odd
    }
  }

  #tally(verb: string, fault: OtherFault): Tally {
    const faults = this.byVerb.get(verb) ?? new Map<OtherFault, Tally>()
    this.byVerb.set(verb, faults)
    const tally = faults.get(fault) ?? { met: 0, struck: 0 }
    faults.set(fault, tally)
    return tally
  }
}
