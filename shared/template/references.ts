import { blockDocumentIdOf, referredId } from '#shared/block/block-document.ts'
import { blockTypeIdOf } from '#shared/block/block-type.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { Bounds, TemplateError, valueAt } from './nested.ts'
import {
  BLOCK_PREFIX,
  type Placeholder,
  placeholdersIn,
  replacePlaceholders,
  VARIABLE_PREFIX,
  wholePlaceholder,
} from './placeholder.ts'
import { pythonText } from './python-text.ts'

/** A filled template's references: ids of block documents and names of variables. */
export interface References {
  blockIds: Set<string>
  variables: Set<string>
}

/** The references found. A variable's value may be any JSON; missing entries do not exist. */
export interface Found {
  blocks: ReadonlyMap<string, Record<string, unknown>>
  variables: ReadonlyMap<string, unknown>
}

export const NOTHING_FOUND: Found = { blocks: new Map(), variables: new Map() }

/** Lists what must be read before the references in a piece of JSON can be resolved. Raises TemplateError. */
export function referencesOf(value: unknown): References {
  const placeholders = placeholdersIn(value)
  const named = placeholders.filter(({ kind }) => kind === 'block').map((placeholder) => blockNamed(placeholder).id)
  const variables = placeholders.filter(({ kind }) => kind === 'variable').map(({ name }) => variableName(name))
  return { blockIds: new Set([...named, ...blockIdsIn(value)]), variables: new Set(variables) }
}

/**
 * Replaces references by what was found: first blocks, then variables, also those that a block's data names (the order
 * of Prefect's workers). A missing variable is empty text; a missing block raises TemplateError, as does one whose data
 * has nothing at the requested path, and anything past the bounds.
 */
export function resolveReferences(value: unknown, found: Found): unknown {
  const bounds = new Bounds()
  return mapTexts(resolveBlocks(value, found, bounds), (text) => {
    const whole = wholePlaceholder(text)
    const valueOf = ({ name }: Placeholder) => found.variables.get(variableName(name)) ?? missingVariable(name, found)
    if (whole?.kind === 'variable') return bounds.spendOn(valueOf(whole))
    const textFor = (each: Placeholder) => (each.kind === 'variable' ? pythonText(valueOf(each)) : undefined)
    return replacePlaceholders(text, textFor, bounds)
  })
}

/** A variable may hold null, which is not the same as to be missing. */
function missingVariable(name: string, found: Found): null | '' {
  return found.variables.has(variableName(name)) ? null : ''
}

function resolveBlocks(value: unknown, found: Found, bounds: Bounds): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveBlocks(item, found, bounds))
  if (isRecord(value)) {
    const id = referredId(value)
    if (id) return bounds.spendOn(dataOf(id, `ID '${id}'`, found))
    const members = Object.entries(value).map(([name, member]) => [name, resolveBlocks(member, found, bounds)] as const)
    return Object.fromEntries(members)
  }
  if (typeof value !== 'string') return value
  const whole = wholePlaceholder(value)
  if (whole?.kind === 'block') return bounds.spendOn(blockValue(whole, found, bounds))
  const textFor = (each: Placeholder) => {
    if (each.kind !== 'block') return undefined
    const inner = blockValue(each, found, bounds)
    if (Array.isArray(inner) || isRecord(inner))
      throw new TemplateError(`${each.text} is not a single value, so it can't be embedded in other text.`)
    return pythonText(inner)
  }
  return replacePlaceholders(value, textFor, bounds)
}

/** A block's data, or the part of it that a placeholder names. A block with only a `value` resolves to that value. */
function blockValue(placeholder: Placeholder, found: Found, bounds: Bounds): unknown {
  const { id, slug, name, path } = blockNamed(placeholder)
  const data = dataOf(id, `'${name}' of type '${slug}'`, found)
  const simple = Object.keys(data).length === 1 && Object.hasOwn(data, 'value')
  const within = simple && !/^value(?:$|[.[])/.test(path) ? data.value : data
  if (path === '') return within
  const value = valueAt(within, path, bounds)
  if (value === undefined)
    throw new TemplateError(`${placeholder.text} refers to a value that its block does not have.`)
  return value
}

function dataOf(id: string, words: string, { blocks }: Found): Record<string, unknown> {
  const data = blocks.get(id)
  if (!data) throw new TemplateError(`Block not found: ${words}.`)
  return data
}

function blockNamed({ name: whole, text }: Placeholder) {
  const [slug = '', name = '', ...path] = whole.replaceAll(BLOCK_PREFIX, '').split('.')
  if (!slug || !name)
    throw new TemplateError(`${text} is not a reference to a block: it needs a block type and a name.`)
  return { slug, name, path: path.join('.'), id: blockDocumentIdOf(blockTypeIdOf(slug), name) }
}

function variableName(name: string): string {
  return name.replaceAll(VARIABLE_PREFIX, '')
}

function blockIdsIn(value: unknown): string[] {
  const id = referredId(value)
  if (id) return [id]
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(blockIdsIn) : []
}

function mapTexts(value: unknown, map: (text: string) => unknown): unknown {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapTexts(member, map)]))
}
