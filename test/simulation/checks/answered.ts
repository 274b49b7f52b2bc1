import { NEVER, parseInstant } from '#shared/instant.ts'
import type { HeardAnswer } from '../outside/caller.ts'
import type { Picture } from './picture.ts'

/** What is wrong about an answer as soon as it is heard: an error of the service's own, or a state that nobody wrote. */
export function answerProblems({ label, operation, members, status, body }: HeardAnswer, picture: Picture): string[] {
  if (status === 500) return [`I16 ${label} was answered 500`]
  if (operation !== 'setFlowRunState' || status >= 300 || body.status !== 'ACCEPT') return []
  const { type, timestamp } = body.state as { type: string; timestamp: string }
  const at = parseInstant(timestamp) ?? NEVER
  const lives = [...picture.runs.values()].filter(({ id }) => id === members?.id)
  const stands = lives.some(
    ({ created, history }) => created > at || history.some((past) => past.type === type && past.timestamp === at),
  )
  return stands || lives.length === 0
    ? []
    : [`I4 ${label} was accepted as ${type} at ${timestamp}, which its history leaves out`]
}
