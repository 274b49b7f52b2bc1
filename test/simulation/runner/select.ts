import type { Selection } from '../simulate-world.ts'
import { numberOfAct } from '../story/replay-command.ts'
import type { Replay } from './options.ts'

/** The selection that a replay means; `plan` is what clients do in the whole world. */
export function selectionOf({ acts, kinds, strikes }: Replay, plan: readonly { name: string }[]): Selection {
  const numbers = acts && new Set(acts)
  const chosen = numbers && plan.filter(({ name }) => numbers.has(numberOfAct(name))).map(({ name }) => name)
  return { acts: chosen && new Set(chosen), kinds: kinds && new Set(kinds), strikes: strikes && new Set(strikes) }
}
