import type { Hono } from 'hono'
import { type BlockSchema, blockSchemaIdOf } from '#shared/block/block-schema.ts'
import { schemaChecksum } from '#shared/block/schema-checksum.ts'
import * as contract from '#shared/contract/block/block-schema.ts'
import type { Deps } from '#shared/deps.ts'
import { listBlockSchemas } from '#shared/engine/block/list-block-schemas.ts'
import { registerBlockSchema } from '#shared/engine/block/register-block-schema.ts'
import { notFound } from '#shared/errors.ts'
import { getBlockSchema } from '#shared/storage/block/get-block-schema.ts'
import { getBlockTypes } from '#shared/storage/block/get-block-type.ts'
import { route, withStatus } from '../route.ts'
import { blockSchemaView } from '../views/block.ts'

/** Serves block schemas. */
export function blockSchemaRoutes(app: Hono, deps: Deps): void {
  const views = async (schemas: readonly BlockSchema[]) => {
    const types = await getBlockTypes(
      deps.table,
      schemas.map((each) => each.typeId),
    )
    return schemas.flatMap((schema) => {
      const type = types.find((each) => each.id === schema.typeId)
      return type ? [blockSchemaView(schema, type)] : []
    })
  }
  const view = async (schema: BlockSchema | undefined, shown: string) => {
    const [shownAs] = await views(schema ? [schema] : [])
    if (!shownAs) throw notFound('Block schema', shown)
    return shownAs
  }

  route(app, contract.createBlockSchema, async ({ body }) => {
    const { block_type_id: typeId, fields, capabilities, version } = body
    const checksum = schemaChecksum(fields)
    const { schema, created } = await registerBlockSchema(deps, { typeId, fields, capabilities, version, checksum })
    return withStatus(created ? 201 : 200, await view(schema, schema.id))
  })

  route(app, contract.listBlockSchemas, async ({ body: { block_schemas: filter = {}, limit, offset } }) =>
    views((await listBlockSchemas(deps, filter)).slice(offset, offset + limit)),
  )

  route(app, contract.getBlockSchema, async ({ params: { id } }) => view(await getBlockSchema(deps.table, id), id))

  route(app, contract.getBlockSchemaByChecksum, async ({ params: { checksum }, query: { version } }) => {
    const schema =
      version === undefined
        ? (await listBlockSchemas(deps, {})).find((each) => each.checksum === checksum)
        : await getBlockSchema(deps.table, blockSchemaIdOf(checksum, version))
    return await view(schema, checksum)
  })

  route(app, contract.listBlockCapabilities, async () => {
    const schemas = await listBlockSchemas(deps, {})
    return [...new Set(schemas.flatMap((each) => each.capabilities))].toSorted()
  })
}
