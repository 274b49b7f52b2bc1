import type { Deps } from '#shared/deps.ts'
import { type EcsTask, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { HoldEvidence } from '#shared/ecs-task/judge-hold.ts'
import { errorFields } from '#shared/errors.ts'
import type { HeldRun } from '#shared/flow-run/held-run.ts'
import type { Instant } from '#shared/instant.ts'

/** Tasks in one DescribeTasks; an ECS limit. */
const DESCRIBE_MAX = 100
/** Calls under way at once. ECS takes some 20 a second of the reading kinds. */
const CALLS_AT_ONCE = 2
/** Failures in a row after which ECS is taken to be down: a batch, both of its halves, and two of its quarters. */
const FAILURES_MAX = 5
/** While it is down, so many later batches find out whether it still is. */
const PROBES_MAX = 2

/**
 * What ECS says of held runs, for one pass over many: a hundred tasks a call. A batch that can't be described is split
 * until those are found that are to blame; when everything fails, the pass gives up after a few calls.
 */
export class EcsEvidence {
  readonly #deps: Deps
  readonly #deadline: Instant
  #failuresInARow = 0
  #probes = 0

  constructor(deps: Deps, deadline: Instant) {
    this.#deps = deps
    this.#deadline = deadline
  }

  /** Whether nothing more should be asked of ECS in this pass. */
  get isDown(): boolean {
    return this.#failuresInARow >= FAILURES_MAX
  }

  /** The evidence on each run, by its id. A run that there was no time for is left out. */
  async on(runs: readonly HeldRun[]): Promise<Map<string, HoldEvidence>> {
    const evidence = new Map<string, HoldEvidence>()
    // Runs that failed before are asked about after the others: they cost the most calls, and may fail the batch again.
    const inOrder = runs.toSorted((a, b) => (a.claim.missed ?? 0) - (b.claim.missed ?? 0))
    const launched = inOrder.filter((run) => run.launch?.taskArn)
    for (const batch of batchesOf(launched)) await this.#describe(batch, evidence)
    const unlaunched = inOrder.filter((run) => !run.launch?.taskArn)
    await inTurns(unlaunched, async (run) => {
      const started = await this.call(() => this.#deps.tasks.listStartedBy(startedByOf(run)))
      if (started === 'late') return
      evidence.set(run.id, started === 'failed' ? { unavailable: true } : { started })
    })
    return evidence
  }

  /** Makes one call, unless ECS is down or time is up; a failure is logged and counted. */
  async call<T>(ask: () => Promise<T>): Promise<T | 'failed' | 'late'> {
    if (this.#deps.clock.now() >= this.#deadline) return 'late'
    if (this.isDown) return 'failed'
    return await this.#try(ask)
  }

  /** Notes how a call went that this pass made itself. */
  note(answered: boolean): void {
    this.#failuresInARow = answered ? 0 : this.#failuresInARow + 1
  }

  async #try<T>(ask: () => Promise<T>): Promise<T | 'failed'> {
    try {
      const answer = await ask()
      this.note(true)
      return answer
    } catch (error) {
      this.note(false)
      this.#deps.log.warn('ECS gave no evidence', errorFields(error))
      this.#deps.metrics.count('InspectionsFailed', 1)
      return 'failed'
    }
  }

  async #describe(batch: readonly HeldRun[], evidence: Map<string, HoldEvidence>): Promise<void> {
    if (this.isDown && this.#probes < PROBES_MAX) {
      this.#probes += 1
      this.#failuresInARow = FAILURES_MAX - 1
    }
    for (let groups = [batch]; groups.length > 0; ) {
      const halves: (readonly HeldRun[])[] = []
      await inTurns(groups, async (group) => {
        const tasks = await this.call(() => this.#deps.tasks.describe(group.map(arnOf)))
        if (tasks === 'late') return
        if (tasks !== 'failed') noteTasks(group, tasks, evidence)
        else if (group.length > 1 && !this.isDown) halves.push(...halvesOf(group))
        else for (const run of group) evidence.set(run.id, { unavailable: true })
      })
      groups = halves
    }
  }
}

function noteTasks(group: readonly HeldRun[], tasks: readonly EcsTask[], evidence: Map<string, HoldEvidence>): void {
  const byArn = new Map(tasks.map((task) => [task.taskArn, task]))
  for (const run of group) evidence.set(run.id, { described: byArn.get(arnOf(run)) })
}

const arnOf = (run: HeldRun) => run.launch?.taskArn ?? ''

/** Batches of which each has either runs that failed before or none. */
function batchesOf(runs: readonly HeldRun[]): (readonly HeldRun[])[] {
  const groups = [...Map.groupBy(runs, ({ claim }) => (claim.missed ?? 0) > 0).values()]
  return groups.flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / DESCRIBE_MAX) }, (_, at) =>
      group.slice(at * DESCRIBE_MAX, (at + 1) * DESCRIBE_MAX),
    ),
  )
}

function halvesOf(runs: readonly HeldRun[]): (readonly HeldRun[])[] {
  const middle = Math.ceil(runs.length / 2)
  return [runs.slice(0, middle), runs.slice(middle)]
}

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const actOnNext = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, actOnNext))
}
