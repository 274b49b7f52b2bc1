import fc from 'fast-check'

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values)

/** `:v3` is the third of the values in requests.ts. */
const value = fc.nat(17).map((at) => `:v${at}`)
const path = oneOf(
  '#revision',
  '#life',
  '#state',
  '#state.#t',
  '#state.#at',
  '#history',
  '#waitsIn',
  '#ranks',
  '#paused',
  '#revoked',
  '#json',
  '#phase',
  '#startAt',
  '#missing',
  '#missing.#t',
  '#life.#t',
  '#pk',
)
const operand = fc.oneof({ arbitrary: path, weight: 2 }, { arbitrary: value, weight: 1 })
const bounds = oneOf([0, 1], [2, 1], [2, 15], [3, 4], [0, 16], [3, 3])

/** What is compared is mostly of one type, so that the comparison can hold. */
const numbers = fc.tuple(oneOf('#revision', '#state.#at', '#startAt', '#generation'), oneOf(0, 1, 2, 15, 16))
const comparator = oneOf('=', '<>', '<', '<=', '>', '>=')
const simple: fc.Arbitrary<string> = fc.oneof(
  path.map((of) => `attribute_exists(${of})`),
  path.map((of) => `attribute_not_exists(${of})`),
  oneOf('attribute_exists(#pk)', 'attribute_not_exists(#pk)', '#life = :v3', '#paused = :v7', '#revoked = :v8'),
  fc.tuple(numbers, comparator).map(([[left, right], by]) => `${left} ${by} :v${right}`),
  fc
    .tuple(path, oneOf('=', '<>'), operand)
    .map(([left, by, right]) => `${left} ${by} ${right === left ? ':v0' : right}`),
  fc.tuple(path, oneOf('<', '<=', '>', '>='), oneOf(0, 3, 14, 17)).map(([left, by, at]) => `${left} ${by} :v${at}`),
  fc.tuple(path, bounds).map(([of, [from, to]]) => `${of} BETWEEN :v${from} AND :v${to}`),
  fc.tuple(path, oneOf(3, 4, 6, 17)).map(([of, at]) => `begins_with(${of}, :v${at})`),
  oneOf('#state = :v13', '#history = :v9', '#waitsIn = :v11', '#json = :v14', '#history = :v10', '#ranks <> :v12'),
)

/** Conditions that DynamoDB takes. */
export const CONDITIONS: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: simple, weight: 12 },
  { arbitrary: fc.tuple(simple, oneOf('AND', 'OR'), simple).map((all) => all.join(' ')), weight: 6 },
  {
    arbitrary: fc
      .tuple(simple, oneOf('AND', 'OR'), simple, oneOf('AND', 'OR'), simple)
      .map(([a, by, b, or, c]) => `${a} ${by} (${b} ${or} ${c})`),
    weight: 3,
  },
  {
    arbitrary: fc.tuple(simple, oneOf('AND', 'OR'), simple, oneOf('AND', 'OR'), simple).map((all) => all.join(' ')),
    weight: 3,
  },
  { arbitrary: oneOf('(#life = :v3) AND ((#revision = :v0) OR (#paused = :v7))', '(#life = :v3)'), weight: 1 },
)

export const FILTERS = oneOf('#generation = :v0', '#life = :v3', 'attribute_exists(#revision) AND #revision > :v0')

const target = oneOf('#revision', '#life', '#state', '#state.#at', '#state.#new', '#history', '#count', '#count.#x')
const source: fc.Arbitrary<string> = fc.oneof(
  value,
  path,
  oneOf(
    '#revision',
    '#revision + :v0',
    '#revision - :v1',
    ':v0 - #revision',
    '#revision + #generation',
    '#state.#at + :v15',
  ),
  oneOf('#revision - :v2', '#revision + :v16', ':v16 + :v15', '#life + :v0', '#missing - :v0'),
  oneOf('list_append(#history, :v9)', 'list_append(:v9, #history)', 'list_append(#history, #revision)'),
  oneOf('list_append(if_not_exists(#history, :v10), :v9)', 'list_append(#life, :v9)'),
  oneOf('if_not_exists(#revision, :v0)', 'if_not_exists(#missing, #life)', 'if_not_exists(#state.#t, :v3)'),
  oneOf('if_not_exists(#revision, :v0) + :v0'),
)
const keyed = oneOf(
  '#phase = :v4',
  '#phase = :v3',
  '#phaseSort = :v5',
  '#startAt = :v1',
  '#startAt = #startAt + :v0',
  '#phase = #life',
  '#deploymentId = :v3',
  '#listKey = :v4',
  '#startAt = :v5',
  '#phase = :v6',
  '#phase = :v0',
)
const set = fc
  .uniqueArray(
    fc.oneof(
      fc.tuple(target, source).map(([of, from]) => `${of} = ${from}`),
      keyed,
    ),
    {
      minLength: 1,
      maxLength: 3,
      selector: (text) => text.split(/[ .]/, 1)[0],
    },
  )
  .map((all) => `SET ${all.join(', ')}`)
const remove = oneOf('REMOVE #revision', 'REMOVE #phase', 'REMOVE #missing, #phaseSort', 'REMOVE #startAt')
const add = oneOf(
  'ADD #waitsIn :v11',
  'ADD #ranks :v12',
  'ADD #generation :v1',
  'ADD #waitsIn :v12',
  'ADD #ranks :v11',
  'ADD #life :v11',
  'ADD #ranks :v15',
  'ADD #paused :v0',
  'ADD #waitsIn :v11, #ranks :v12',
)

/** Updates that DynamoDB takes, if the item is such. */
export const UPDATES: fc.Arbitrary<string> = fc
  .oneof(
    { arbitrary: set, weight: 10 },
    { arbitrary: fc.tuple(set, remove).map((all) => all.join(' ')), weight: 3 },
    { arbitrary: remove, weight: 2 },
    { arbitrary: add, weight: 3 },
    { arbitrary: fc.tuple(set, add).map((all) => all.join(' ')), weight: 1 },
  )
  .filter((text) => !hasOverlap(text) && !hasTwoFaults(text) && !setsNull(text) && !/\.#\w+ = (:v14|#json)/.test(text))

/**
 * Whether it may make something null. The engine then takes a null for a map to which members are added, and DynamoDB
 * refuses a path through what is no map, as the table in memory does.
 */
function setsNull(text: string): boolean {
  return /= (?::v8|#revoked)\b/.test(text)
}

/** Whether it would give two keys of indexes values that these do not take: which is found first is not said anywhere. */
function hasTwoFaults(text: string): boolean {
  return /#phase = :v(6|0)\b/.test(text) && /#startAt = :v5/.test(text)
}

/** Whether two of an update's actions are on one attribute. */
function hasOverlap(text: string): boolean {
  const targets = [...text.matchAll(/(?:SET|REMOVE|ADD|,) #(\w+)/g)].map(([, name]) => name)
  return new Set(targets).size < targets.length
}

export const PROJECTIONS = oneOf('#sk', '#pk, #sk', '#life, #missing', '#state, #json')
