import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import type { SimulatedEcs } from '../support/ecs/simulated-ecs.ts'
import { doubleLaunches, type LimitItem, ledgerProblems, type Snapshot } from '../support/invariants.ts'

/**
 * Checks the invariants on every committed state, against the one before it. Each violation is kept with the step that
 * led there.
 */
export class Watch {
  readonly violations: string[] = []
  checks = 0
  claims = 0
  #runs = new Map<string, FlowRun>()
  #limits = new Map<string, LimitItem>()

  check(snapshot: Snapshot, ecs: SimulatedEcs, where: string): void {
    this.checks += 1
    const found = [
      ...ledgerProblems(snapshot).map((problem) => `I3/I4/I13 ${problem}`),
      ...doubleLaunches(ecs).map((problem) => `I1 ${problem}`),
      ...this.#lostRuns(snapshot),
      ...snapshot.limits.flatMap((limit) => this.#limitProblems(limit)),
      ...uncountedHolders(snapshot),
      ...snapshot.runs.flatMap((run) => this.#runProblems(run)),
    ]
    this.violations.push(...found.map((problem) => `${problem} (after ${where})`))
    this.#runs = new Map(snapshot.runs.map((run) => [run.id, run]))
    this.#limits = new Map(snapshot.limits.map((limit) => [limit.key, limit]))
  }

  /** Whether something is true of every run, as far as is known. */
  all(test: (run: FlowRun) => boolean): boolean {
    return [...this.#runs.values()].every(test)
  }

  #lostRuns({ runs }: Snapshot): string[] {
    const there = new Set(runs.map((run) => run.id))
    return [...this.#runs.keys()].filter((id) => !there.has(id)).map((id) => `I4 run ${id} is lost`)
  }

  #limitProblems({ key, limit, active, paused, counting }: LimitItem): string[] {
    const before = this.#limits.get(key)
    if (!before || counting || active <= before.active) return []
    return [
      ...(limit !== null && active > limit ? [`I2 ${key} went from ${before.active} to ${active} of ${limit}`] : []),
      ...(before.paused && paused ? [`I8 ${key} was claimed while it was paused`] : []),
    ]
  }

  #runProblems(run: FlowRun): string[] {
    const before = this.#runs.get(run.id)
    if (!before || run.revision === before.revision) return []
    const { id, generation, state, claim } = run
    const claimed = generation !== before.generation
    if (claimed) this.claims += 1
    const revived = isTerminal(before.state.type) && state.type !== 'SCHEDULED'
    const moved = run.stateSequence !== before.stateSequence
    const taken = state.type === 'PENDING' && before.state.type !== 'PENDING' && !claimed
    const swapped = !claimed && claim && before.claim?.id !== claim.id
    return [
      ...(run.revision < before.revision ? [`I6 run ${id} fell back to an older revision`] : []),
      ...(generation < before.generation ? [`I1 run ${id} fell back to generation ${generation}`] : []),
      ...(generation > before.generation + 1 ? [`I1 run ${id} skipped to generation ${generation}`] : []),
      ...(claimed && before.state.type !== 'SCHEDULED' ? [`I1 run ${id} was claimed while ${before.state.type}`] : []),
      ...(claimed && before.claim ? [`I1 run ${id} was claimed while it was held`] : []),
      ...(taken ? [`I1 run ${id} went from ${before.state.type} to PENDING without a claim`] : []),
      ...(swapped ? [`I6 run ${id} changed hands within generation ${generation}`] : []),
      ...(revived && moved ? [`I5 run ${id} went from ${before.state.type} to ${state.type}`] : []),
    ]
  }
}

/** I2 for limits introduced while runs were held: once such a limit is open, it counts each of its held runs. */
function uncountedHolders({ runs, limits }: Snapshot): string[] {
  const open = new Set(limits.filter(({ counting }) => !counting).map(({ key }) => key))
  return runs.flatMap(({ id, deploymentId, claim }) => {
    if (!claim || !deploymentId || !open.has(deploymentLimit(deploymentId))) return []
    return claim.slots.includes(deploymentLimit(deploymentId))
      ? []
      : [`I2 run ${id} is held, and its deployment's limit does not count it`]
  })
}
