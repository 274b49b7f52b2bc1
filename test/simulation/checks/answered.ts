import { addSeconds, NEVER, parseInstant } from '#shared/instant.ts'
import type { HeardAnswer } from '../outside/caller.ts'
import type { Picture } from './picture.ts'

/**
 * What is wrong about an answer as soon as it is heard: an error of the service's own, or a state that nobody wrote. A life
 * that began since is no evidence; by the clock of whoever began it, it may look older than the answer.
 */
export function answerProblems(
  { label, operation, members, status, body }: HeardAnswer,
  picture: Picture,
  clocksDifferSeconds: number,
): string[] {
  if (status === 500) return [`I16 ${label} was answered 500`]
  if (operation !== 'setFlowRunState' || status >= 300 || body.status !== 'ACCEPT') return []
  const { type, timestamp } = body.state as { type: string; timestamp: string }
  const at = parseInstant(timestamp) ?? NEVER
  const lives = [...picture.runs.values()].filter(({ id }) => id === members?.id)
  const since = addSeconds(at, -clocksDifferSeconds)
  const stands = lives.some(
    ({ created, history }) => created > since || history.some((past) => past.type === type && past.timestamp === at),
  )
  return stands || lives.length === 0
    ? []
    : [`I4 ${label} was accepted as ${type} at ${timestamp}, which its history leaves out`]
}
