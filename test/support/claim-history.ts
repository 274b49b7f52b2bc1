import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { readLimit } from './fixtures/fixtures.ts'
import { ledgerProblems, type Snapshot } from './invariants.ts'

export interface HistoryVerdict {
  claims: number
  /** The highest count that any strongly consistent read of the limit saw. */
  countedMax: number
  /** The most runs certainly held at once: each from after its claim returned to before its end was requested. */
  heldMax: number
  /** Claims of a run in a generation in which it had been claimed already. */
  duplicates: number
  /** Runs that never ended, and created ones that are missing. */
  lost: number
  /** Where the final counts disagree with the runs. */
  drift: string[]
}

/**
 * What many claimers did under one limit, to be checked afterwards. All claimers run in this one process, so its order of
 * events is real: a claim is recorded after it has committed, and a release before it is requested.
 */
export class ClaimHistory {
  readonly #deps: Deps
  readonly #limit: LimitKey
  readonly #counts: { moves: number; active: number }[] = []
  readonly #claimed = new Map<string, number>()
  #held = 0
  #heldMax = 0

  constructor(deps: Deps, limit: LimitKey) {
    this.#deps = deps
    this.#limit = limit
  }

  /** The most runs certainly held at once so far. */
  get heldMax(): number {
    return this.#heldMax
  }

  /** Records runs just claimed, and the limit's current count. That read also holds them for a moment. */
  async claimed(runs: readonly Pick<FlowRun, 'id' | 'generation'>[]): Promise<void> {
    for (const { id, generation } of runs) {
      const name = `${id}/${generation}`
      this.#claimed.set(name, (this.#claimed.get(name) ?? 0) + 1)
    }
    this.#held += runs.length
    this.#heldMax = Math.max(this.#heldMax, this.#held)
    const { moves, active } = await readLimit(this.#deps, this.#limit)
    this.#counts.push({ moves, active })
  }

  releasing(): void {
    this.#held -= 1
  }

  /** Checks the history against the final state. */
  judge(snapshot: Snapshot, created: number): HistoryVerdict {
    const claims = [...this.#claimed.values()]
    const counts = this.#counts.toSorted((a, b) => a.moves - b.moves)
    const ended = snapshot.runs.filter((run) => isTerminal(run.state.type)).length
    return {
      claims: claims.reduce((sum, n) => sum + n, 0),
      countedMax: Math.max(...counts.map(({ active }) => active)),
      heldMax: this.#heldMax,
      duplicates: claims.filter((n) => n > 1).length,
      lost: created - ended,
      drift: ledgerProblems(snapshot),
    }
  }
}
