import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { sortable } from '#shared/instant.ts'
import type { Picture } from '../picture.ts'
import { type SessionItem, sessionOf } from './session-item.ts'

export const isAgents = ({ claim }: Pick<FlowRun, 'claim'>): boolean => claim?.by.kind === 'agent'

/** The sessions that have a run on record under its life and generation. */
export function recordsOf({ id, life, generation }: FlowRun, { sessions }: Pick<Picture, 'sessions'>): SessionItem[] {
  return [...sessions.values()].filter(({ holds }) =>
    holds.some((hold) => hold.runId === id && hold.life === life && hold.generation === generation),
  )
}

/** Whether a session that is open holds a run. An agent that was deleted before it heard an answer opens its session anew. */
export function isHeldBy(session: string, run: FlowRun, picture: Pick<Picture, 'sessions'>): boolean {
  if (run.claim?.session?.session !== session) return false
  return recordsOf(run, picture).some((record) => !record.isOver && sessionOf(record) === session)
}

/** I3: what agents hold is on record in the session that claimed it and in no other, and the index knows when to look at it. */
export function sessionProblems(before: Picture, picture: Picture): string[] {
  const { runs, sessions } = picture
  if (before.runs === runs && before.sessions === sessions) return []
  return [
    ...[...runs.values()].filter(isAgents).flatMap((run) => unrecorded(run, picture)),
    ...[...sessions.values()].flatMap((item) => (before.sessions.get(item.key) === item ? [] : misfiled(item))),
    ...[...sessions.values()].flatMap((item) => reopened(before.sessions.get(item.key), item)),
  ]
}

function unrecorded(run: FlowRun, picture: Picture): string[] {
  const { id, state, claim } = run
  const [record, ...others] = recordsOf(run, picture)
  const name = `I3 run ${id}, ${state.type}, is held by an agent, and`
  if (!record) return [`${name} no session has it on record`]
  const ref = claim?.session
  const isIts = ref && record.agentId === ref.agentId && sessionOf(record) === ref.session
  return [
    ...(isIts ? [] : [`${name} is on record in session ${sessionOf(record)}, not in ${ref?.session}`]),
    ...(others.length > 0 ? [`${name} ${others.length + 1} sessions have it on record`] : []),
  ]
}

/** Where the index shows a session after its lease, nobody ends its runs in time. */
function misfiled({ key, holds, leaseUntil, filedAt }: SessionItem): string[] {
  if (holds.length === 0 || (filedAt !== undefined && filedAt <= sortable(leaseUntil))) return []
  return [`I3 session ${key} holds runs until ${leaseUntil}, and is looked at at ${filedAt}`]
}

function reopened(before: SessionItem | undefined, { key, session }: SessionItem): string[] {
  if (!before || session === null || session === before.session || !before.past.includes(session)) return []
  return [`I6 session ${session} of agent ${key} was over, and is open again`]
}
