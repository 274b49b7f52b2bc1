import type { Item } from '#shared/storage/dynamo/expression.ts'
import { Unsupported, ValidationException } from '../service-errors.ts'
import { ExpressionTokens, type Mentions, memoised, type Path } from './expression-tokens.ts'
import type { Scope } from './scope.ts'

export interface ParsedProjection {
  paths: readonly Path[]
  mentions: Mentions
}

/** Parses a ProjectionExpression. Attributes within others raise Unsupported: the product reads them whole. */
export const parseProjection = memoised((text: string): ParsedProjection => {
  const tokens = new ExpressionTokens('ProjectionExpression', text)
  const paths = tokens.list(() => tokens.path())
  tokens.end()
  if (paths.some((path) => path.length > 1)) throw new Unsupported('a projection of parts of attributes')
  return { paths, mentions: tokens.mentions }
})

/** The names of the attributes that a projection shows. Raises ValidationException where one is there twice. */
export function projectedNames({ paths }: ParsedProjection, scope: Scope): string[] {
  const names = paths.flatMap((path) => scope.names(path))
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice === undefined) return names
  const what = 'Two document paths overlap with each other; must remove or rewrite one of these paths; path one'
  throw new ValidationException(`Invalid ProjectionExpression: ${what}: [${twice}], path two: [${twice}]`)
}

/** An item with only those of its attributes. */
export function projected(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])))
}
