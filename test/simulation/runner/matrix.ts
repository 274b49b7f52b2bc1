import { OPERATIONS } from '#shared/client/operations.ts'
import type { Tally } from '../machine/fault-counts.ts'
import { rowOf } from './matrix-row.ts'
import { ALL_FAULTS, type Cell } from './world-summary.ts'

/** What happens by itself, beside the operations that clients call. */
const EVENTS = ['tick', 'sweep', 'wake-up', 'task event', 'stop order', 'count'] as const
/** How often each pair is to happen. */
const TIMES_MIN = 20
const PER_SEEDS = 2_000
/** Fewer seeds say little about a matrix. */
export const MATRIX_SEEDS_MIN = 100

/** How often each fault struck each verb. */
export class Matrix {
  readonly #cells = new Map<string, Map<string, Tally>>()
  readonly #called = new Set<string>()

  add(cells: readonly Cell[]): void {
    for (const [name, fault, met, struck] of cells) {
      this.#called.add(name)
      const verb = rowOf(name)
      const row = this.#cells.get(verb) ?? new Map<string, Tally>()
      this.#cells.set(verb, row)
      const tally = row.get(fault) ?? { met: 0, struck: 0 }
      row.set(fault, { met: tally.met + met, struck: tally.struck + struck })
    }
  }

  /** The rows of operations that clients called, and all events. */
  get verbs(): string[] {
    const operations = [...this.#called].filter((verb) => verb in OPERATIONS)
    return [...new Set(operations.map(rowOf))].toSorted().concat(EVENTS)
  }

  /** The operations that no client called. */
  get uncalled(): string[] {
    return Object.keys(OPERATIONS).filter((verb) => !this.#called.has(verb))
  }

  /**
   * How often a fault struck a verb; null for a pair that cannot be, as the verb by itself does nothing that the fault can
   * strike. A process that took messages of several kinds counts for each of them.
   */
  times(verb: string, fault: string): number | null {
    if ((this.#cells.get(verb)?.get(fault)?.met ?? 0) === 0) return null
    const its = [...this.#cells].filter(([verbs]) => verbs.split(' + ').includes(verb))
    return its.reduce((sum, [, faults]) => sum + (faults.get(fault)?.struck ?? 0), 0)
  }

  /** The pairs that happen less often than they should, in proportion to the seeds that there were. */
  rare(seeds: number): string[] {
    return this.verbs.flatMap((verb) =>
      ALL_FAULTS.flatMap((fault) => {
        const times = this.times(verb, fault)
        if (times === null || times * PER_SEEDS >= TIMES_MIN * seeds) return []
        return [`${verb} × ${fault} (${times} of ${this.#cells.get(verb)?.get(fault)?.met})`]
      }),
    )
  }

  /** A table for people, and what is missing in it. */
  print(seeds: number): string {
    const width = Math.max(...this.verbs.map(({ length }) => length))
    const widths = ALL_FAULTS.map((fault) => Math.max(...fault.split(' ').map(({ length }) => length), 5))
    const line = (first: string, cells: readonly string[]) =>
      `${first.padEnd(width)} ${cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join(' ')}`.trimEnd()
    const head = [0, 1].map((at) =>
      line(
        '',
        ALL_FAULTS.map((fault) => fault.split(' ')[at] ?? ''),
      ),
    )
    const rows = this.verbs.map((verb) =>
      line(
        verb,
        ALL_FAULTS.map((fault) => String(this.times(verb, fault) ?? '–')),
      ),
    )
    const rare = this.rare(seeds)
    return [
      `How often each fault struck each verb, in ${seeds} seeds (–: the verb makes no call that the fault can strike):`,
      ...head,
      ...rows,
      rare.length === 0
        ? `Each pair that can be came at least ${TIMES_MIN} times in ${PER_SEEDS} seeds.`
        : `Pairs of less than ${TIMES_MIN} in ${PER_SEEDS} seeds: ${rare.join(', ')}`,
      ...(this.uncalled.length === 0 ? [] : [`Operations that no client called: ${this.uncalled.join(', ')}`]),
    ].join('\n')
  }

  toJson(): Record<string, Record<string, number | null>> {
    return Object.fromEntries(
      this.verbs.map((verb) => [verb, Object.fromEntries(ALL_FAULTS.map((fault) => [fault, this.times(verb, fault)]))]),
    )
  }
}
