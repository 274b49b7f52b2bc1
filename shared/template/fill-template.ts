import { isRecord } from '#shared/json/is-record.ts'
import { Bounds, TemplateError, valueAt } from './nested.ts'
import { type Placeholder, placeholdersOf, replacePlaceholders, wholePlaceholder } from './placeholder.ts'
import { pythonText } from './python-text.ts'

/**
 * Fills a template as Prefect does (apply_values): a text that is one placeholder becomes the value in its own type, and
 * without a value it is left out with its key or item; in other text values become text, and missing ones nothing.
 * Placeholders of blocks and variables stay for `resolveReferences`. Undefined when nothing is left. Raises TemplateError
 * for what a worker would take from its own environment, and past the bounds.
 */
export function fillTemplate(template: unknown, values: Record<string, unknown>, bounds = new Bounds()): unknown {
  if (typeof template === 'string') return fillText(template, values, bounds)
  if (Array.isArray(template)) {
    return template.map((item) => fillTemplate(item, values, bounds)).filter((item) => item !== undefined)
  }
  if (!isRecord(template)) return template
  const members = Object.entries(template).map(
    ([name, member]) => [name, fillTemplate(member, values, bounds)] as const,
  )
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

function fillText(text: string, values: Record<string, unknown>, bounds: Bounds): unknown {
  if (placeholdersOf(text).length === 0) return text
  const whole = wholePlaceholder(text)
  if (whole?.kind === 'value') return bounds.spendOn(valueAt(values, whole.name, bounds))
  const textFor = ({ kind, name, text: placeholder }: Placeholder) => {
    if (kind === 'environment') {
      throw new TemplateError(`${placeholder} refers to a worker's environment variable, and this pool has no workers.`)
    }
    if (kind !== 'value') return undefined
    const value = valueAt(values, name, bounds)
    return value === undefined ? '' : pythonText(value)
  }
  return replacePlaceholders(text, textFor, bounds)
}
