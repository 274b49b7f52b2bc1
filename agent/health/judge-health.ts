import type { AgentStatus } from '../agent-status.ts'

/** What an agent's health checks answer. */
export interface Health {
  ok: boolean
  state: AgentStatus['state']
  /** Null before the first answer. */
  last_answer_age_seconds: number | null
}

/** An idle agent is answered twice a minute; so many missed answers are no hiccup. Prefect's worker has the same. */
const HEALTHY_SECONDS = 300
const READY_SECONDS = 120

/**
 * Whether the process does its work: the service has answered it lately, or it has not had the time to ask. Where it has
 * not, the runs that it holds go on, so it is a reason to look, and none to kill it.
 */
export function judgeHealth(status: AgentStatus, upSeconds: number): Health {
  return judged(status, status.state !== 'ended' && (status.lastAnswerAgeSeconds ?? upSeconds) <= HEALTHY_SECONDS)
}

/** Whether it takes work: the service has answered, lately, and nobody has it drain. A paused one is only waiting. */
export function judgeReadiness(status: AgentStatus): Health {
  const { state, lastAnswerAgeSeconds } = status
  const age = lastAnswerAgeSeconds ?? Number.POSITIVE_INFINITY
  return judged(status, (state === 'online' || state === 'paused') && age <= READY_SECONDS)
}

function judged({ state, lastAnswerAgeSeconds }: AgentStatus, ok: boolean): Health {
  const age = lastAnswerAgeSeconds === null ? null : Number(lastAnswerAgeSeconds.toFixed(1))
  return { ok, state, last_answer_age_seconds: age }
}
