import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb'
import { Unsupported, ValidationException } from '../service-errors.ts'

/** Raises Unsupported for a request with members that the table does not know, rather than to overlook what they mean. */
export function checkMembers(request: object, known: readonly string[]): void {
  for (const name in request) {
    const value = request[name as keyof typeof request]
    if (value !== undefined && !known.includes(name)) throw new Unsupported(`the member ${name}`)
  }
}

/** Raises ResourceNotFoundException for another table. */
export function checkTableName(name: string | undefined, own: string): void {
  if (name === own) return
  const message = 'Requested resource not found'
  throw new ResourceNotFoundException({ message, $metadata: { httpStatusCode: 400 } })
}

/** Raises ValidationException for a list that is empty or longer than DynamoDB takes. */
export function checkCount(place: string, count: number, max: number): void {
  const limit = count === 0 ? 'greater than or equal to 1' : count > max ? `less than or equal to ${max}` : undefined
  if (limit === undefined) return
  const what = `Value at '${place}' failed to satisfy constraint: Member must have length ${limit}`
  throw new ValidationException(`1 validation error detected: ${what}`)
}
