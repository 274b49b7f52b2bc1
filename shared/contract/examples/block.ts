import type * as document from '#shared/contract/block/block-document.ts'
import type * as schema from '#shared/contract/block/block-schema.ts'
import type * as type from '#shared/contract/block/block-type.ts'
import type { ExamplesOf } from './example.ts'
import { page, stored } from './story.ts'

const TYPE_ID = '1d9b7f3e-5a40-5c28-86f1-e2c8d4a0b675'
const SCHEMA_ID = 'c7f2e6a0-8d14-5b93-9e5c-3a1f0d7b4826'
const DOCUMENT_ID = '94e8b1d5-2f76-5ac0-b7d3-6c0e9f5a1847'

const texts = {
  logo_url: 'https://example.com/s3.png',
  documentation_url: 'https://example.com/s3',
  description: 'A bucket',
  code_example: null,
}
const fields = {
  title: 'S3Bucket',
  type: 'object',
  properties: { bucket: { title: 'Bucket', type: 'string' } },
  required: ['bucket'],
}

const blockType = { id: TYPE_ID, ...stored, name: 'S3 Bucket', slug: 's3-bucket', ...texts, is_protected: false }
const blockSchema = {
  id: SCHEMA_ID,
  ...stored,
  checksum: 'sha256:8f0e2c4a6b1d3f5e7a9c0b2d4f6e8a1c3b5d7f9e0a2c4b6d8f1e3a5c7b9d0f2e',
  fields,
  block_type_id: TYPE_ID,
  block_type: blockType,
  capabilities: ['get-directory'],
  version: '1.0.0',
}
const blockDocument = {
  id: DOCUMENT_ID,
  ...stored,
  name: 'raw',
  data: { bucket: 'acme-etl' },
  block_schema_id: SCHEMA_ID,
  block_schema: blockSchema,
  block_type_id: TYPE_ID,
  block_type_name: 'S3 Bucket',
  block_type: blockType,
  block_document_references: {},
  is_anonymous: false,
}
const filter = { block_types: { slug: { any_: ['s3-bucket'] } } }

export const blockExamples = {
  createBlockType: { body: { name: 'S3 Bucket', slug: 's3-bucket', ...texts }, reply: blockType },
  getBlockType: { reply: blockType },
  getBlockTypeBySlug: { reply: blockType },
  listBlockTypes: { body: { block_types: { name: { like_: 'S3' } }, ...page }, reply: [blockType] },
  updateBlockType: { body: { description: 'An S3 bucket' } },
  deleteBlockType: {},
  createBlockSchema: {
    body: { fields, block_type_id: TYPE_ID, capabilities: ['get-directory'], version: '1.0.0' },
    reply: blockSchema,
  },
  listBlockSchemas: { body: { block_schemas: { block_type_id: { any_: [TYPE_ID] } }, ...page }, reply: [blockSchema] },
  getBlockSchema: { reply: blockSchema },
  getBlockSchemaByChecksum: { reply: blockSchema },
  listBlockCapabilities: { reply: ['get-directory'] },
  createBlockDocument: {
    body: { name: 'raw', data: { bucket: 'acme-etl' }, block_schema_id: SCHEMA_ID, block_type_id: TYPE_ID },
    reply: blockDocument,
  },
  listBlockDocuments: { body: { ...filter, ...page, sort: 'NAME_ASC' }, reply: [blockDocument] },
  countBlockDocuments: { body: filter, reply: 1 },
  getBlockDocument: { reply: blockDocument },
  getBlockDocumentByName: { reply: blockDocument },
  listBlockDocumentsOfType: { reply: [blockDocument] },
  updateBlockDocument: { body: { data: { bucket: 'acme-etl-2' }, merge_existing_data: true } },
  deleteBlockDocument: {},
} satisfies ExamplesOf<typeof type & typeof schema & typeof document>
