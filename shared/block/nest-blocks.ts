import { DomainError } from '#shared/errors.ts'
import { type BlockDocument, referencesIn } from './block-document.ts'

/** A document as it is read: with the data of the documents that it refers to in the places of the references. */
export interface NestedBlock {
  document: BlockDocument
  data: Record<string, unknown>
  /** The documents that the data came from, by field. */
  references: Record<string, NestedBlock>
}

/** Blocks in one answer; a few that refer to each other many times over would otherwise make it endless. */
const NESTED_MAX = 200

/**
 * Fills in a document's references from those at hand. One to a document that is gone is left out, as in Prefect, and so
 * is one to a document that it is itself part of. Raises too_large.
 */
export function nestBlocks(document: BlockDocument, at: ReadonlyMap<string, BlockDocument>): NestedBlock {
  return nest(document, at, [], { left: NESTED_MAX })
}

function nest(
  document: BlockDocument,
  at: ReadonlyMap<string, BlockDocument>,
  above: readonly string[],
  budget: { left: number },
): NestedBlock {
  budget.left -= 1
  if (budget.left < 0) throw new DomainError('too_large', `A block may contain at most ${NESTED_MAX} nested blocks.`)
  const within = [...above, document.id]
  const named = new Map(referencesIn(document.data))
  const references = new Map<string, NestedBlock>()
  for (const [field, id] of named) {
    const other = within.includes(id) ? undefined : at.get(id)
    if (other) references.set(field, nest(other, at, within, budget))
  }
  const data = Object.entries(document.data)
    .filter(([field]) => !named.has(field) || references.has(field))
    .map(([field, value]) => [field, references.get(field)?.data ?? value] as const)
  return { document, data: Object.fromEntries(data), references: Object.fromEntries(references) }
}
