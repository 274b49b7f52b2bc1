import { isTerminal, type StateType } from '#shared/flow-run/state.ts'
import { availableOf, deploymentLimit, type LimitKey } from '#shared/limit/limit.ts'
import type { Picture } from '../picture.ts'

/** In these, work may go on or is not proven stopped. Repeated here, so that the code can't omit one. */
const HOLDING: ReadonlySet<StateType> = new Set(['PENDING', 'RUNNING', 'CANCELLING'])

/** Counts equal the ledger (I3, I13), ended runs hold nothing, active runs in a pool hold slots, each is where it belongs (I4). */
export function ledgerProblems({ runs, limits, misplaced }: Picture): string[] {
  const held = new Map<LimitKey, number>()
  const wrong: string[] = []
  for (const { id, state, claim, poolId } of runs.values()) {
    for (const slot of claim?.slots ?? []) held.set(slot, (held.get(slot) ?? 0) + 1)
    if (isTerminal(state.type) && claim) wrong.push(`I3 run ${id} is ${state.type} and holds slots`)
    if (HOLDING.has(state.type) && poolId && !claim?.slots.length)
      wrong.push(`I3 run ${id} is ${state.type} without slots`)
  }
  for (const { key, limit, active, available } of limits.values()) {
    if (key.startsWith('global#')) continue
    const holders = held.get(key) ?? 0
    if (active !== holders) wrong.push(`I13 ${key} counts ${active} holders, there are ${holders}`)
    if (available !== availableOf(limit, active))
      wrong.push(`I13 ${key} has ${available} available of ${limit}, ${active} held`)
  }
  for (const key of held.keys()) if (!limits.has(key)) wrong.push(`I13 slots of ${key} are held, which is no more`)
  return [...wrong, ...[...misplaced.values()].map((each) => `I4 ${each}`)]
}

/** I2 for limits introduced while runs were held: once such a limit is open, it counts each of its held runs. */
export function uncountedHolders({ runs, limits }: Picture): string[] {
  return [...runs.values()].flatMap(({ id, deploymentId, claim }) => {
    if (!claim || !deploymentId) return []
    const key = deploymentLimit(deploymentId)
    const limit = limits.get(key)
    if (!limit || limit.counting || claim.slots.includes(key)) return []
    return [`I2 run ${id} is held, and its deployment's limit does not count it`]
  })
}
