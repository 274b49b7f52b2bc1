import { deploymentLimit } from '#shared/limit/limit.ts'
import type { Picture } from '../picture.ts'

/** A deployment and its limit say the same of how many of its runs may be held at once, in every committed state. */
export function capProblems(before: Picture, { caps, limits }: Picture): string[] {
  if (before.caps === caps && before.limits === limits) return []
  return [...caps].flatMap(([id, cap]) => {
    const stored = limits.get(deploymentLimit(id))?.limit ?? null
    return stored === cap ? [] : [`I2 deployment ${id} has a limit of ${cap}, and its slots are limited to ${stored}`]
  })
}
