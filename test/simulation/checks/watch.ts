import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import type { Step } from '../machine/scheduler.ts'
import type { World } from '../machine/world.ts'
import type { Known } from '../outside/known.ts'
import { agentProcessProblems } from './agents/agent-processes.ts'
import { AgentRoom } from './agents/agent-room.ts'
import { SessionEnds } from './agents/session-ends.ts'
import { sessionProblems } from './agents/session-records.ts'
import { type LimitItem, lifeOf, NOTHING, type Picture, pictureAfter } from './picture.ts'
import { isUntroubled } from './promptness.ts'
import { TaskWatch } from './task-watch.ts'
import { capProblems } from './writes/caps.ts'
import { courseProblems } from './writes/course.ts'
import { staleWrites, wrongRefusals } from './writes/fence.ts'
import { FirstLimits } from './writes/first-limits.ts'
import { globalProblems } from './writes/global-ledgers.ts'
import { GonePlaces } from './writes/gone-places.ts'
import { KeyWatch } from './writes/key-watch.ts'
import { leaseTimeProblems } from './writes/lease-times.ts'
import { ledgerProblems, uncountedHolders } from './writes/ledgers.ts'
import { recordProblems } from './writes/records.ts'
import { silenceProblems } from './writes/silence.ts'
import { transitionProblems } from './writes/transitions.ts'

/** Checks the invariants on every committed state, against the one before it. */
export class Watch {
  checks = 0
  claims = 0
  runsSeen = 0
  picture: Picture = NOTHING
  readonly #known: Known
  readonly #tasks = new TaskWatch()
  readonly #keys = new KeyWatch()
  readonly #gone = new GonePlaces()
  readonly #first = new FirstLimits()
  readonly #room = new AgentRoom()
  readonly #sessions = new SessionEnds()
  /** By run: when it was written last. */
  readonly #written = new Map<string, Instant>()

  constructor(known: Known) {
    this.#known = known
  }

  /** What is wrong in what was just committed. */
  check(world: World, step: Step): string[] {
    const found = [...this.#tasks.started(world.ecs.started), ...this.#committed(world, step)]
    return found.map(
      (problem) => `${problem} (after ${step.process}: ${step.call}${step.fault ? `, ${step.fault}` : ''})`,
    )
  }

  #committed(world: World, step: Step): string[] {
    const changes = world.table.takeChanges()
    if (changes.length === 0) return []
    this.checks += 1
    const before = this.picture
    this.picture = pictureAfter(before, changes)
    this.#gone.note(before, this.picture, step)
    return [
      ...(this.picture.runs === before.runs && this.picture.limits === before.limits
        ? []
        : this.#counted(world, before, step)),
      ...capProblems(before, this.picture),
      ...this.#first.check(before, this.picture),
      ...globalProblems(before, this.picture),
      ...leaseTimeProblems(before, this.picture, step, world.clocksDifferSeconds),
      ...this.#atAgents(before, step, world.clocksDifferSeconds),
    ]
  }

  #atAgents(before: Picture, step: Step, clocksDifferSeconds: number): string[] {
    const { picture } = this
    const { agents } = this.#known
    return [
      ...sessionProblems(before, picture),
      ...this.#sessions.check(before, picture, step, clocksDifferSeconds),
      ...this.#room.check(before, picture, agents, step, clocksDifferSeconds),
      ...agentProcessProblems(before, picture, agents, step, clocksDifferSeconds),
    ]
  }

  /** When a run was written last. */
  writtenAt(run: FlowRun): Instant {
    return this.#written.get(lifeOf(run)) ?? 0
  }

  #counted(world: World, before: Picture, step: Step): string[] {
    return [
      ...ledgerProblems(this.picture),
      ...this.#lostRuns(before),
      ...[...this.picture.limits.values()].flatMap((limit) => limitProblems(before.limits.get(limit.key), limit)),
      ...uncountedHolders(this.picture),
      ...[...this.picture.runs].flatMap(([life, run]) => this.#changes(world, before.runs.get(life), run, step)),
    ]
  }

  /** Whether every run has ended, as of the last committed state. */
  allEnded(): boolean {
    for (const { state } of this.picture.runs.values()) if (!isTerminal(state.type)) return false
    return true
  }

  /** The runs that have not. */
  unended(): FlowRun[] {
    return [...this.picture.runs.values()].filter(({ state }) => !isTerminal(state.type))
  }

  #lostRuns(before: Picture): string[] {
    if (before.runs.size <= this.picture.runs.size) return []
    const lost = [...before.runs.values()].filter((run) => !this.picture.runs.has(lifeOf(run)))
    return lost.flatMap(({ id }) => (this.#known.runs.get(id)?.mayBeGone ? [] : [`I4 run ${id} is lost`]))
  }

  #changes(world: World, before: FlowRun | undefined, run: FlowRun, step: Step): string[] {
    if (before === run) return []
    this.#written.set(lifeOf(run), step.at)
    const moves = this.#runProblems(before, run)
    const forced = this.#known.runs.get(run.id)?.forced === true
    const unknown = run.poolId !== null && !this.picture.lines.has(run.poolId) && !isTerminal(run.state.type)
    return [
      ...moves,
      ...recordProblems(before, run, world.clocksDifferSeconds),
      ...(before ? courseProblems(before, run) : []),
      ...(before && !forced ? transitionProblems(before, run, world.clocksDifferSeconds) : []),
      ...(before && isUntroubled(world.profile) ? silenceProblems(before, run, this.#known.calledAt.get(run.id)) : []),
      ...this.#keys.check(run, this.picture),
      ...staleWrites(before, run, step),
      ...wrongRefusals(before, run),
      ...this.#gone.check(before, run, this.picture, step),
      ...this.#tasks.changed(before, run, world.ecs.started),
      ...(unknown ? [`I4 run ${run.id} is ${run.state.type} in a pool whose lines nobody knows`] : []),
    ]
  }

  #runProblems(before: FlowRun | undefined, run: FlowRun): string[] {
    if (before === undefined) {
      this.runsSeen += 1
      return []
    }
    const { id, generation, state, claim } = run
    const claimed = generation !== before.generation
    if (claimed) this.claims += 1
    const known = this.#known.runs.get(id)
    const wanted = known?.forced || (known?.retried && state.type === 'SCHEDULED')
    const revived = isTerminal(before.state.type) && !wanted
    const moved = run.stateSequence !== before.stateSequence
    const taken = state.type === 'PENDING' && before.state.type !== 'PENDING' && !claimed
    const swapped = !claimed && claim && before.claim && before.claim.id !== claim.id
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

function limitProblems(
  before: LimitItem | undefined,
  { key, limit, active, paused, counting, life }: LimitItem,
): string[] {
  if (!before || before.life !== life || counting || active <= before.active) return []
  return [
    ...(limit !== null && active > limit ? [`I2 ${key} went from ${before.active} to ${active} of ${limit}`] : []),
    ...(before.paused && paused ? [`I8 ${key} was claimed while it was paused`] : []),
    ...(before.deleting ? [`I8 ${key} was claimed while it was deleted`] : []),
  ]
}
