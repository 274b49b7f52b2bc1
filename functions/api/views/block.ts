import type { BlockSchema } from '#shared/block/block-schema.ts'
import type { BlockType } from '#shared/block/block-type.ts'
import type { NestedBlock } from '#shared/block/nest-blocks.ts'
import type { BlockViews } from '#shared/engine/job/get-block-views.ts'
import { formatInstant } from '#shared/instant.ts'

/** A block type as Prefect's clients read it. */
export function blockTypeView(type: BlockType) {
  return {
    id: type.id,
    created: formatInstant(type.created),
    updated: formatInstant(type.updated),
    name: type.name,
    slug: type.slug,
    logo_url: type.logoUrl,
    documentation_url: type.documentationUrl,
    description: type.description,
    code_example: type.codeExample,
    is_protected: false,
  }
}

/** A block schema as Prefect's clients read it. */
export function blockSchemaView(schema: BlockSchema, type: BlockType) {
  return {
    id: schema.id,
    created: formatInstant(schema.created),
    updated: formatInstant(schema.updated),
    checksum: schema.checksum,
    fields: schema.fields,
    block_type_id: schema.typeId,
    block_type: blockTypeView(type),
    capabilities: schema.capabilities,
    version: schema.version,
  }
}

/** Block documents as Prefect's clients read them. */
export function blockDocumentViews({ blocks, types, schemas }: BlockViews) {
  return blocks.flatMap(({ document, data, references }) => {
    const type = types.get(document.typeId)
    const schema = schemas.get(document.schemaId)
    if (!type) return []
    return [
      {
        id: document.id,
        created: formatInstant(document.created),
        updated: formatInstant(document.updated),
        name: document.name,
        data,
        block_schema_id: document.schemaId,
        block_schema: schema ? blockSchemaView(schema, type) : null,
        block_type_id: document.typeId,
        block_type_name: type.name,
        block_type: blockTypeView(type),
        block_document_references: referenceViews(references, types),
        is_anonymous: document.anonymous,
      },
    ]
  })
}

function referenceViews(references: NestedBlock['references'], types: BlockViews['types']) {
  const view = ({ document, references: inner }: NestedBlock): Record<string, unknown> => {
    const type = types.get(document.typeId)
    return {
      block_document: {
        id: document.id,
        name: document.name,
        block_type: type ? blockTypeView(type) : null,
        is_anonymous: document.anonymous,
        block_document_references: referenceViews(inner, types),
      },
    }
  }
  return Object.fromEntries(Object.entries(references).map(([field, each]) => [field, view(each)]))
}
