import { DomainError } from '#shared/errors.ts'

/** A thing to which nothing can be added any more, since its deletion has begun. */
export function beingDeleted(noun: string, name: string): DomainError {
  return new DomainError('being_deleted', `${noun} '${name}' is being deleted.`)
}
