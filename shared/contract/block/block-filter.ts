import * as z from 'zod/mini'
import {
  filterOf,
  namedFilter,
  OperatorIn,
  StringFilter,
  Strings,
  TextFilter,
  UuidFilter,
} from '#shared/contract/filter.ts'
import { maybe } from '#shared/contract/wire.ts'

export const BlockTypeFilterIn = namedFilter('BlockTypeFilter', () => ({ name: TextFilter, slug: StringFilter }))

export const BlockSchemaFilterIn = namedFilter('BlockSchemaFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  block_type_id: UuidFilter,
  block_capabilities: maybe(filterOf({ all_: Strings })),
  version: StringFilter,
}))

export const BlockDocumentFilterIn = namedFilter('BlockDocumentFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  name: TextFilter,
  block_type_id: UuidFilter,
  /** Omitted: without anonymous documents; null: all. */
  is_anonymous: z.nullish(filterOf({ eq_: maybe(z.boolean()) })),
}))
