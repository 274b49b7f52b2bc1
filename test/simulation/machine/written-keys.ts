import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Call } from './faults.ts'

type Item = Record<string, AttributeValue>
type Write = { Item?: Item; Key?: Item; TransactItems?: TransactWriteItem[] }

/** The keys of the items that a call writes, or checks as it writes others. */
export function writtenKeys({ input }: Call): string[] {
  const { Item: item, Key: key, TransactItems: actions = [] } = (input ?? {}) as Write
  const own = item ?? key
  const each = actions.flatMap((action) => Object.values(action as Record<string, Write>))
  return [...(own ? [nameOf(own)] : []), ...each.flatMap((write) => writtenKeys({ name: '', input: write }))]
}

function nameOf({ pk, sk }: Item): string {
  return `${pk?.S} ${sk?.S}`
}
