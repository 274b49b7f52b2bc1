import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { Step } from '../../machine/scheduler.ts'
import { lifeOf, type Picture } from '../picture.ts'
import { isAgents, recordsOf } from './session-records.ts'

/** I3: how the service ends what a lost agent held: not before its lease and its fence, and as its deployment wants it. */
export class SessionEnds {
  /** When a deployment came to want something else. */
  readonly #changed = new Map<string, Instant>()

  /** What is wrong with holds that a write has ended. */
  check(before: Picture, picture: Picture, step: Step, clocksDifferSeconds: number): string[] {
    this.#note(before, picture, step)
    if (before.runs === picture.runs) return []
    return [...before.runs].flatMap(([life, held]) => {
      const run = picture.runs.get(life)
      if (run === held || !run || !isAgents(held) || !isEndOfSession(held, run)) return []
      const early = step.verb === 'sweep' ? this.#early(held, before, addSeconds(step.at, clocksDifferSeconds)) : []
      const said = `I3 run ${run.id}, ${held.state.name} at an agent and then ${run.state.name},`
      return [...early, ...this.#unwanted(held, run, picture, step)].map((words) => `${said} ${words}`)
    })
  }

  #note({ requeues: before }: Picture, { requeues }: Picture, { at }: Step): void {
    if (before === requeues) return
    for (const id of new Set([...before, ...requeues]))
      if (before.has(id) !== requeues.has(id)) this.#changed.set(id, at)
  }

  #early(held: FlowRun, before: Picture, latest: Instant): string[] {
    return recordsOf(held, before).flatMap(({ isOver, session, leaseUntil }) => [
      ...(leaseUntil > latest ? [`was let go while the lease of its session counted`] : []),
      ...(!isOver && session === held.claim?.session?.session ? ['was let go by a session that can still renew'] : []),
    ])
  }

  #unwanted(held: FlowRun, { state, nextScheduledStartTime }: FlowRun, { requeues }: Picture, step: Step): string[] {
    const { type, details } = held.state
    if (type === 'PENDING') {
      const lost = state.type === 'CRASHED' && LOST.test(state.message ?? '')
      const early = (nextScheduledStartTime ?? Infinity) < (details.scheduledTime ?? 0)
      return [
        ...(lost ? ['had not started'] : []),
        ...(state.type === 'SCHEDULED' && early ? ['is due before its time'] : []),
      ]
    }
    // It is Cancelled, whatever its deployment says.
    if (type === 'CANCELLING') return []
    const { deploymentId } = held
    const isOpen = deploymentId !== null && (this.#changed.get(deploymentId) ?? 0) >= step.bornAt
    const requeued = deploymentId !== null && requeues.has(deploymentId)
    if (isOpen || requeued === (state.type === 'SCHEDULED')) return []
    return [`was to be ${requeued ? 'started anew' : 'crashed'}`]
  }
}

const LOST = /^The agent .* was lost/

/** Whether a hold ended because its session did, and not for what people, the process or time decided about the run. */
export function isEndOfSession(held: FlowRun, run: FlowRun): boolean {
  const { state, claim, history, generation } = run
  if (claim !== null || generation !== held.generation || history.at(-1)?.by?.kind !== 'service') return false
  if (held.state.type === 'CANCELLING') return state.type === 'CANCELLED'
  return state.type === 'SCHEDULED' || (state.type === 'CRASHED' && LOST.test(state.message ?? ''))
}

/** Runs of an agent that were claimed by a write. */
export function handedOut(before: Picture, { runs }: Picture): FlowRun[] {
  if (before.runs === runs) return []
  return [...runs.values()].filter(
    (run) => isAgents(run) && run.claim?.id !== before.runs.get(lifeOf(run))?.claim?.id && run.state.type === 'PENDING',
  )
}
