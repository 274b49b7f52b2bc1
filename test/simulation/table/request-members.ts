import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb'
import { Unsupported } from './service-errors.ts'

/** Raises Unsupported for a request with members that the table does not know, rather than to overlook what they mean. */
export function checkMembers(request: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(request)) {
    if (value !== undefined && !known.includes(name)) throw new Unsupported(`the member ${name}`)
  }
}

/** Raises ResourceNotFoundException for another table. */
export function checkTableName(name: string | undefined, own: string): void {
  if (name === own) return
  const message = 'Requested resource not found'
  throw new ResourceNotFoundException({ message, $metadata: { httpStatusCode: 400 } })
}
