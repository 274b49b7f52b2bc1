import type { Bounds } from './nested.ts'

/**
 * `{{ name }}`, as Prefect's templates write it (prefect/utilities/templating). Python's `\w` takes the letters and
 * digits of every script.
 */
const PLACEHOLDER = /\{\{\s*([\p{L}\p{N}_.\-[\]$]+)\s*\}\}/gu

/**
 * Where a placeholder's value comes from: the values that a template is filled with, a block document, a variable of
 * the service, or the environment of the worker that fills the template.
 */
type PlaceholderKind = 'value' | 'block' | 'variable' | 'environment'

export interface Placeholder {
  /** As it is written, braces included. */
  text: string
  name: string
  kind: PlaceholderKind
}

export const BLOCK_PREFIX = 'prefect.blocks.'
export const VARIABLE_PREFIX = 'prefect.variables.'
const ENVIRONMENT_PREFIX = '$'

/** The placeholders of a text, in their order. */
export function placeholdersOf(text: string): Placeholder[] {
  return [...text.matchAll(PLACEHOLDER)].map(([whole, name = '']) => ({ text: whole, name, kind: kindOf(name) }))
}

/** The one placeholder that a text consists of; undefined for any other text. */
export function wholePlaceholder(text: string): Placeholder | undefined {
  const [first] = placeholdersOf(text)
  return first?.text === text ? first : undefined
}

/**
 * Puts text in the place of placeholders; those for which there is none stay. One pass, so that what is put in is never
 * taken for a placeholder itself. Raises TemplateError past the bounds.
 */
export function replacePlaceholders(
  text: string,
  textFor: (placeholder: Placeholder) => string | undefined,
  bounds: Bounds,
): string {
  return text.replaceAll(PLACEHOLDER, (whole: string, name: string) => {
    const put = textFor({ text: whole, name, kind: kindOf(name) }) ?? whole
    bounds.spend(put.length)
    return put
  })
}

/** Every placeholder in a piece of JSON; requests are checked for depth before, so this may recurse. */
export function placeholdersIn(value: unknown): Placeholder[] {
  if (typeof value === 'string') return placeholdersOf(value)
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(placeholdersIn)
  return []
}

function kindOf(name: string): PlaceholderKind {
  if (name.startsWith(BLOCK_PREFIX)) return 'block'
  if (name.startsWith(VARIABLE_PREFIX)) return 'variable'
  return name.startsWith(ENVIRONMENT_PREFIX) ? 'environment' : 'value'
}
