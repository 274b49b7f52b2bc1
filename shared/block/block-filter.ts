import {
  type AnyOf,
  combine,
  matchesAny,
  matchesTags,
  matchesText,
  type Operator,
  type Text,
} from '#shared/filter/criterion.ts'
import type { BlockDocument } from './block-document.ts'
import type { BlockSchema } from './block-schema.ts'
import type { BlockType } from './block-type.ts'

/** Prefect's BlockTypeFilter. */
export interface BlockTypeFilter {
  name?: Text | undefined
  slug?: AnyOf | undefined
}

/** Prefect's BlockSchemaFilter. */
export interface BlockSchemaFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  block_type_id?: AnyOf | undefined
  block_capabilities?: { all_?: readonly string[] | undefined } | undefined
  version?: AnyOf | undefined
}

/** Prefect's BlockDocumentFilter; one that says nothing of anonymous documents leaves them out, one that says null takes all. */
export interface BlockDocumentFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  name?: Text | undefined
  block_type_id?: AnyOf | undefined
  is_anonymous?: { eq_?: boolean | undefined } | null | undefined
}

/** Filters on block documents and on what they belong to, with the wire's member names. */
export interface BlockFilters {
  block_documents?: BlockDocumentFilter | undefined
  block_types?: BlockTypeFilter | undefined
  block_schemas?: BlockSchemaFilter | undefined
}

/** Whether a block type matches the filter. */
export function matchesBlockType(type: BlockType, filter: BlockTypeFilter): boolean {
  return combine('and_', [matchesText(type.name, filter.name), matchesAny(type.slug, filter.slug)])
}

/** Whether a block schema matches the filter. */
export function matchesBlockSchema(schema: BlockSchema, filter: BlockSchemaFilter): boolean {
  return combine(filter.operator, [
    matchesAny(schema.id, filter.id),
    matchesAny(schema.typeId, filter.block_type_id),
    matchesTags(schema.capabilities, filter.block_capabilities),
    matchesAny(schema.version, filter.version),
  ])
}

/** Whether a block document matches the filter. */
export function matchesBlockDocument(document: BlockDocument, filter: BlockDocumentFilter): boolean {
  const { is_anonymous = { eq_: false } } = filter
  const eq = is_anonymous?.eq_
  return combine(filter.operator, [
    matchesAny(document.id, filter.id),
    matchesText(document.name, filter.name),
    matchesAny(document.typeId, filter.block_type_id),
    eq === undefined ? undefined : document.anonymous === eq,
  ])
}

/** Prefect's BlockDocumentSort. */
export const BLOCK_DOCUMENT_SORTS = ['NAME_ASC', 'NAME_DESC', 'BLOCK_TYPE_AND_NAME_ASC'] as const
export type BlockDocumentSort = (typeof BLOCK_DOCUMENT_SORTS)[number]

/** Sorts block documents; names are unique within a type alone, so the type breaks ties. */
export function sortBlockDocuments(
  documents: readonly BlockDocument[],
  sort: BlockDocumentSort,
  typeNames: ReadonlyMap<string, string>,
): BlockDocument[] {
  const byName = (a: BlockDocument, b: BlockDocument) => compareText(a.name, b.name)
  const byType = (a: BlockDocument, b: BlockDocument) =>
    compareText(typeNames.get(a.typeId) ?? '', typeNames.get(b.typeId) ?? '')
  if (sort === 'NAME_DESC') return documents.toSorted((a, b) => byName(b, a) || byType(a, b))
  if (sort === 'NAME_ASC') return documents.toSorted((a, b) => byName(a, b) || byType(a, b))
  return documents.toSorted((a, b) => byType(a, b) || byName(a, b))
}

const compareText = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)
