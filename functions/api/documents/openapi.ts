import { buildOpenApi } from '#shared/contract/openapi.ts'

let document: Record<string, unknown> | undefined

/** The OpenAPI document of this API. */
export function readDocument(): Record<string, unknown> {
  return (document ??= buildOpenApi())
}
