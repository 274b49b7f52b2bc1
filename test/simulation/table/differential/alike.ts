/** What both say in other words: where the text of an error has values in it, or says where the syntax is wrong. */
const ALIKE: readonly { text: RegExp; alike: string }[] = [
  { text: /^Invalid (\w+)Expression: (Syntax error|Expected|Incorrect number of operands).*/, alike: 'syntax of $1' },
  { text: /^Unexpected (token|operator|end).* (\w+)Expression.*/, alike: 'syntax of $2' },
  { text: /^Invalid operator used in (\w+)Expression: .*/, alike: 'syntax of $1' },
  { text: /^Expected closing parenthesis in KeyConditionExpression, .*/, alike: 'syntax of KeyCondition' },
  {
    text: /^Invalid (\w+)Expression: (The expression can not be empty;|partition key must use equality)/,
    alike: 'syntax of $1',
  },
  { text: /^Query key condition not supported/, alike: 'syntax of KeyCondition' },
  {
    text: /^(Operands for [+-] must be numbers|list_append requires two list operands)$/,
    alike: 'An operand in the update expression has an incorrect data type',
  },
  { text: /keys: \{(:x, :y|:y, :x)\}/, alike: 'keys' },
  {
    text: /^(Expected value reference|Invalid condition in KeyConditionExpression).*/,
    alike: 'syntax of KeyCondition',
  },
  { text: / IndexName: \w+$/, alike: '' },
  { text: /operand type: \w+$/, alike: 'operand type' },
  { text: /^ExpressionAttributeValues contains invalid value: (.*) for key :v/, alike: '$1' },
  { text: /path one: \[(.*)\], path two: \[(.*)\]/, alike: 'paths' },
  { text: /^The provided starting key is invalid: /, alike: '' },
  { text: /^Value [^]*?Member must have (length|value) (less|greater)[^]*/, alike: 'a $1 that is $2' },
  { text: /^TransactItems? .*/, alike: 'one action' },
]

/** The text of a refusal, without what the engine says in its own words. */
export function alike(message: string): string {
  const text = message.replace(/^1 validation error detected: /, '')
  return ALIKE.reduce((so, one) => so.replace(one.text, one.alike), text)
}
