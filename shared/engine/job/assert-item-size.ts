import { ITEM_BYTES_MAX } from '#shared/bounds.ts'
import { DomainError } from '#shared/errors.ts'

/** Raises too_large for free-form JSON that would not fit into its item. */
export function assertItemSize(field: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes <= ITEM_BYTES_MAX) return
  throw new DomainError('too_large', `body.${field}: is ${bytes} bytes of JSON; at most ${ITEM_BYTES_MAX} are allowed.`)
}
