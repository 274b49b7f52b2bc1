import type { Deps } from '#shared/deps.ts'
import { type EcsTask, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { HoldEvidence } from '#shared/ecs-task/judge-hold.ts'
import { errorFields } from '#shared/errors.ts'
import type { HeldRun } from '#shared/flow-run/held-run.ts'
import type { Instant } from '#shared/instant.ts'
import { eachAtOnce } from './each-at-once.ts'

/** Tasks in one DescribeTasks; an ECS limit. */
const DESCRIBE_MAX = 100
/**
 * Tasks in the first one for runs that have failed once, and oftener: where bad tasks are among most of a hundred, only
 * small calls tell them from the others. Each that succeeds doubles the next.
 */
const DESCRIBE_AGAIN = { once: 10, oftener: 1 }
/** Calls under way at once. ECS takes some 20 a second of the reading kinds. */
const CALLS_AT_ONCE = 2
/** Failures in a row after which ECS is taken to be down: a batch, both of its halves, and two of its quarters. */
const FAILURES_MAX = 5
/** The same once some call of the pass was answered: then bad tasks are more likely than an ECS that is down. */
const FAILURES_BETWEEN_ANSWERS_MAX = 25

/**
 * What ECS says of held runs, for one pass over many: a hundred tasks a call. A batch that can't be described is split
 * until those are found that are to blame; when everything fails, the pass gives up after a few calls.
 */
export class EcsEvidence {
  readonly #deps: Deps
  readonly #deadline: Instant
  #failuresInARow = 0
  #failuresMax = FAILURES_MAX
  /** Batches since ECS was taken to be down. */
  #passedOver = 0

  constructor(deps: Deps, deadline: Instant) {
    this.#deps = deps
    this.#deadline = deadline
  }

  /** Whether nothing more should be asked of ECS in this pass. */
  get isDown(): boolean {
    return this.#failuresInARow >= this.#failuresMax
  }

  /** The evidence on each run, by its id. A run that there was no time for is left out. */
  async on(runs: readonly HeldRun[]): Promise<Map<string, HoldEvidence>> {
    const evidence = new Map<string, HoldEvidence>()
    // Runs that failed before are asked about after the others: they cost the most calls, and may fail the batch again.
    const inOrder = runs.toSorted((a, b) => missesOf(a) - missesOf(b))
    const launched = inOrder.filter((run) => run.launch?.taskArn)
    const groups = Map.groupBy(launched, firstSizeFor)
    for (const [firstSize, group] of groups) await this.#describeAll(group, firstSize, evidence)
    const unlaunched = inOrder.filter((run) => !run.launch?.taskArn)
    await eachAtOnce(unlaunched, CALLS_AT_ONCE, async (run) => {
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
    if (answered) this.#failuresMax = FAILURES_BETWEEN_ANSWERS_MAX
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

  async #describeAll(runs: readonly HeldRun[], firstSize: number, evidence: Map<string, HoldEvidence>): Promise<void> {
    let size = firstSize
    for (let at = 0; at < runs.length; ) {
      const batch = runs.slice(at, at + size)
      at += batch.length
      await this.#describe(batch, evidence)
      const failed = batch.some((run) => evidence.get(run.id)?.unavailable)
      size = failed ? firstSize : Math.min(DESCRIBE_MAX, size * 2)
    }
  }

  async #describe(batch: readonly HeldRun[], evidence: Map<string, HoldEvidence>): Promise<void> {
    if (this.isDown) {
      this.#passedOver += 1
      // The first, second, fourth, eighth … batch finds out whether it still is, or only those before were bad.
      if (Number.isInteger(Math.log2(this.#passedOver))) this.#failuresInARow = this.#failuresMax - 1
    }
    for (let groups = [batch]; groups.length > 0; ) {
      const halves: (readonly HeldRun[])[] = []
      await eachAtOnce(groups, CALLS_AT_ONCE, async (group) => {
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

const missesOf = ({ claim }: HeldRun) => claim.missed ?? 0

function firstSizeFor(run: HeldRun): number {
  const misses = missesOf(run)
  if (misses === 0) return DESCRIBE_MAX
  return misses === 1 ? DESCRIBE_AGAIN.once : DESCRIBE_AGAIN.oftener
}

function halvesOf(runs: readonly HeldRun[]): (readonly HeldRun[])[] {
  const middle = Math.ceil(runs.length / 2)
  return [runs.slice(0, middle), runs.slice(middle)]
}
