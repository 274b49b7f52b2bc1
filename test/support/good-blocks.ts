import type { api } from './api.ts'

/** The variable, the blocks and the artifact that requests speak of, all named `q`. */
export interface BlockStage {
  variableId: string
  typeId: string
  schemaId: string
  checksum: string
  documentId: string
  artifactId: string
}

/** Creates one of each. */
export async function setBlocks(http: ReturnType<typeof api>): Promise<BlockStage> {
  const variable = (await http.post('/variables/', { name: 'q', value: 1 })).body
  const type = (await http.post('/block_types/', { name: 'q', slug: 'q' })).body
  const ofType = { block_type_id: type.id }
  const schema = (await http.post('/block_schemas/', { ...ofType, fields: { secret_fields: ['s.*'] } })).body
  const document = (await http.post('/block_documents/', { ...ofType, name: 'q', block_schema_id: schema.id })).body
  return {
    variableId: variable.id,
    typeId: type.id,
    schemaId: schema.id,
    checksum: schema.checksum,
    documentId: document.id,
    artifactId: (await http.post('/artifacts/', { key: 'q' })).body.id,
  }
}

const page = { limit: 10, offset: 0 }

/** A full request body for each operation of variables, blocks and artifacts; `ids` is any filter on ids. */
export function blockBodies({ typeId, schemaId, documentId }: BlockStage, ids: object) {
  const of = { block_type_id: typeId, block_schema_id: schemaId }
  const texts = { logo_url: 'https://a', documentation_url: 'https://b', description: 'c', code_example: 'd' }
  const reference = { $ref: { block_document_id: documentId } }
  const schemas = {
    operator: 'and_',
    block_type_id: ids,
    block_capabilities: { all_: ['a'] },
    version: { any_: ['1'] },
  }
  const types = { name: { like_: 'a' }, slug: { any_: ['q'] } }
  const documents = { operator: 'or_', id: ids, name: { like_: 'q' }, is_anonymous: { eq_: true } }
  const variables = { id: ids, name: { any_: ['q'], like_: 'q' }, tags: { all_: ['a'], is_null_: false } }
  return {
    createVariable: { name: 'new', value: { a: [1, null, 'text'] }, tags: ['a'] },
    updateVariable: { name: 'q', value: { a: [1, null, 'text'] }, tags: ['a'] },
    updateVariableByName: { name: 'q', value: 'text' },
    listVariables: { variables, ...page, sort: 'NAME_DESC' },
    countVariables: { variables },
    createBlockType: { name: 'New', slug: 'new', ...texts },
    updateBlockType: texts,
    listBlockTypes: { block_types: types, block_schemas: schemas, ...page },
    createBlockSchema: {
      fields: {
        title: 'T',
        properties: { a: { default: 1.5 }, b: { $ref: '#/definitions/B' } },
        definitions: { B: { type: 'object' } },
        secret_fields: ['s'],
        block_schema_references: { c: { block_type_slug: 'q', block_schema_checksum: 'sha256:0' } },
      },
      block_type_id: typeId,
      capabilities: ['a'],
      version: '1',
    },
    listBlockSchemas: { block_schemas: schemas, ...page },
    createBlockDocument: {
      name: 'new',
      data: { a: { b: [1] }, s: { t: '{{ $T }}' }, other: reference },
      ...of,
      is_anonymous: false,
    },
    updateBlockDocument: { data: { a: 1, s: { t: null } }, merge_existing_data: true, block_schema_id: schemaId },
    listBlockDocuments: { block_documents: documents, block_types: types, block_schemas: schemas, ...page },
    createArtifact: { key: 'q', type: 'table', description: 'd', data: [{ a: 1 }], metadata_: { a: 'b' } },
    updateArtifact: { description: 'd', data: { a: 1 }, metadata_: { a: 'b' } },
    listArtifacts: { artifacts: { key: { any_: ['q'], exists_: true }, type: { any_: ['table'] } }, ...page },
    listLatestArtifacts: { artifacts: { latest_id: ids }, ...page, sort: 'KEY_ASC' },
    countBlockDocuments: { block_documents: documents },
  }
}
