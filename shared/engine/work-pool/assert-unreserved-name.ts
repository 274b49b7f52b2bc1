import { DomainError } from '#shared/errors.ts'
import { isReservedPoolName } from '#shared/work-pool/work-pool.ts'

/** Raises reserved_name for the names that Prefect's API keeps for itself. */
export function assertUnreservedName(name: string): void {
  if (!isReservedPoolName(name)) return
  throw new DomainError('reserved_name', "Worker pools starting with 'Prefect' are reserved for internal use.")
}
