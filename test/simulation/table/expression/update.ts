import { Unsupported } from '../service-errors.ts'
import { ExpressionTokens, type Mentions, memoised, type Path } from './expression-tokens.ts'

/** What an attribute is set to. */
export type Source =
  | { kind: 'path'; path: Path }
  | { kind: 'value'; value: string }
  | { kind: 'default'; path: Path; otherwise: Source }
  | { kind: 'append'; list: Source; more: Source }
  | { kind: 'sum'; sign: 1 | -1; left: Source; right: Source }

export interface ParsedUpdate {
  set: { path: Path; source: Source }[]
  /** Attributes of the item, as the product removes no parts of them. */
  remove: Path[]
  /** Numbers are added to numbers, and members to sets, that are attributes of the item. */
  add: { path: Path; value: string }[]
  mentions: Mentions
}

/** Parses an UpdateExpression. What the product does not use (DELETE, elements of lists) raises Unsupported. */
export const parseUpdate = memoised((text: string): ParsedUpdate => {
  const tokens = new ExpressionTokens('UpdateExpression', text)
  const update: ParsedUpdate = { set: [], remove: [], add: [], mentions: tokens.mentions }
  const seen = new Set<string>()
  while (tokens.next !== undefined) {
    const section = tokens.next
    if (seen.has(section)) {
      throw tokens.invalid(`The "${section}" section can only be used once in an update expression;`)
    }
    seen.add(section)
    if (tokens.takes('SET')) update.set = tokens.list(() => assignment(tokens))
    else if (tokens.takes('REMOVE')) update.remove = tokens.list(() => whole(tokens.path()))
    else if (tokens.takes('ADD'))
      update.add = tokens.list(() => ({ path: whole(tokens.path()), value: tokens.value() }))
    else throw tokens.unexpected()
  }
  return update
})

function whole(path: Path): Path {
  if (path.length > 1) throw new Unsupported('REMOVE and ADD of parts of attributes')
  return path
}

function assignment(tokens: ExpressionTokens): { path: Path; source: Source } {
  const path = tokens.path()
  tokens.expect('=')
  const left = source(tokens)
  if (tokens.takes('+')) return { path, source: { kind: 'sum', sign: 1, left, right: source(tokens) } }
  if (tokens.takes('-')) return { path, source: { kind: 'sum', sign: -1, left, right: source(tokens) } }
  return { path, source: left }
}

function source(tokens: ExpressionTokens): Source {
  if (tokens.takes('if_not_exists')) {
    tokens.expect('(')
    const path = tokens.path()
    tokens.expect(',')
    const otherwise = source(tokens)
    tokens.expect(')')
    return { kind: 'default', path, otherwise }
  }
  if (tokens.takes('list_append')) {
    tokens.expect('(')
    const list = source(tokens)
    tokens.expect(',')
    const more = source(tokens)
    tokens.expect(')')
    return { kind: 'append', list, more }
  }
  if (tokens.next?.startsWith(':')) return { kind: 'value', value: tokens.value() }
  return { kind: 'path', path: tokens.path() }
}
