import type { Hold, Room } from './agent.ts'

/** How many runs of a flow an agent may hold at once. */
export interface FlowLimits {
  /** For each flow that has none of its own. */
  each?: number | undefined
  byFlowId: ReadonlyMap<string, number>
}

/** What a run asks of its agent. */
export interface Need {
  flowId: string
  cpu: number | null
  memory: number | null
}

/** What an agent has left as runs are chosen for it. */
export class RoomLeft {
  #slots: number
  #cpu: number | null
  #memory: number | null
  readonly #limits: FlowLimits
  readonly #held = new Map<string, number>()

  constructor(free: Room, limits: FlowLimits, holds: readonly Pick<Hold, 'flowId'>[]) {
    this.#slots = free.slots
    this.#cpu = free.cpu
    this.#memory = free.memory
    this.#limits = limits
    for (const { flowId } of holds) this.#count(flowId)
  }

  /** Another of the same room, to try on. */
  copy(): RoomLeft {
    const copy = new RoomLeft({ slots: this.#slots, cpu: this.#cpu, memory: this.#memory }, this.#limits, [])
    for (const [flowId, count] of this.#held) copy.#held.set(flowId, count)
    return copy
  }

  get slots(): number {
    return this.#slots
  }

  /** Takes what a run needs; false, and nothing is taken, when it does not fit. */
  take({ flowId, cpu, memory }: Need): boolean {
    const limit = this.#limits.byFlowId.get(flowId) ?? this.#limits.each ?? Infinity
    const fits = this.#slots > 0 && covers(this.#cpu, cpu) && covers(this.#memory, memory)
    if (!fits || (this.#held.get(flowId) ?? 0) >= limit) return false
    this.#slots -= 1
    this.#cpu = minus(this.#cpu, cpu)
    this.#memory = minus(this.#memory, memory)
    this.#count(flowId)
    return true
  }

  /** Takes it whether it fits or not: the run is there already, and counted among the holds. */
  occupy({ cpu, memory }: Pick<Need, 'cpu' | 'memory'>): void {
    this.#slots -= 1
    this.#cpu = minus(this.#cpu, cpu)
    this.#memory = minus(this.#memory, memory)
  }

  #count(flowId: string): void {
    this.#held.set(flowId, (this.#held.get(flowId) ?? 0) + 1)
  }
}

/** What is not accounted for is never short. */
const covers = (left: number | null, need: number | null) => left === null || (need ?? 0) <= left
const minus = (left: number | null, need: number | null) => (left === null ? null : left - (need ?? 0))
