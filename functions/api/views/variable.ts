import { formatInstant } from '#shared/instant.ts'
import type { Variable } from '#shared/variable/variable.ts'

/** A variable as Prefect's clients read it. */
export function variableView({ id, created, updated, name, value, tags }: Variable) {
  return { id, created: formatInstant(created), updated: formatInstant(updated), name, value, tags }
}
