import { addSeconds } from '#shared/instant.ts'
import type { Step } from '../../machine/scheduler.ts'
import type { KnownAgents } from '../../outside/known-agents.ts'
import type { Picture } from '../picture.ts'
import { handedOut } from './session-ends.ts'
import { sessionOf } from './session-item.ts'
import { isHeldBy } from './session-records.ts'

/** I2: an agent is handed no more than it has room for, nothing while it is paused or drains, and for a call nothing twice. */
export class AgentRoom {
  /** By call that claimed something: the process that served it. */
  readonly #served = new Map<string, string>()

  /** What is wrong with what a write has handed out. */
  check(before: Picture, picture: Picture, agents: KnownAgents, step: Step, clocksDifferSeconds: number): string[] {
    const given = handedOut(before, picture)
    const ids = new Set(given.map(({ claim }) => claim?.session?.session))
    return [...ids].flatMap((id) => [
      ...(id === undefined ? ['I3 a run is held by an agent without a session'] : overfull(id, picture, agents)),
      ...closed(id, before, addSeconds(step.at, clocksDifferSeconds)),
      ...this.#twice(id, picture, step),
    ])
  }

  #twice(id: string | undefined, { sessions }: Picture, { process }: Step): string[] {
    const requestId = [...sessions.values()].find(({ session }) => session === id)?.requestId
    if (!requestId) return []
    const by = this.#served.get(requestId) ?? process
    this.#served.set(requestId, by)
    return by === process ? [] : [`I1 the call ${requestId} claims for ${process} after it has claimed for ${by}`]
  }
}

/** All that a session holds, against what its agent said when it began. */
function overfull(id: string, picture: Picture, { sessions }: KnownAgents): string[] {
  const session = sessions.get(id)
  if (!session) return []
  const held = [...picture.runs.values()].filter((run) => isHeldBy(id, run, picture))
  const flows = Map.groupBy(held, ({ flowId }) => flowId)
  return [
    ...(held.length > session.slots ? [`I2 session ${id} holds ${held.length} runs in ${session.slots} slots`] : []),
    ...[...flows].flatMap(([flowId, its]) => {
      const limit = session.limitOf(flowId)
      return limit !== null && its.length > limit ? [`I2 session ${id} holds ${its.length} of a flow, of ${limit}`] : []
    }),
  ]
}

function closed(id: string | undefined, before: Picture, latest: number): string[] {
  const item = [...before.sessions.values()].find((each) => !each.isOver && sessionOf(each) === id)
  if (!item) return []
  return [
    ...(item.pausedUntil !== null && item.pausedUntil > latest
      ? [`I8 agent ${item.key} claims while it is paused`]
      : []),
    ...(item.draining ? [`I8 agent ${item.key} claims while it is to drain`] : []),
    ...(item.session === null ? [`I6 agent ${item.key} claims in a session that is over`] : []),
  ]
}
