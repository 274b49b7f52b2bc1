import { nestBlocks } from '#shared/block/nest-blocks.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError } from '#shared/errors.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { SchemaError } from '#shared/json-schema/schema-error.ts'
import { getBlockDocuments } from '#shared/storage/block/get-block-document.ts'
import type { BlockData, Strictness } from '#shared/work-pool/job-variables.ts'
import { getReferencedBlocks } from './get-referenced-blocks.ts'
import { loadedOnce } from './loaded-once.ts'

type Variables = Record<string, unknown>

const loadRules = loadedOnce(() => import('#shared/work-pool/job-variables.ts'))

export const DEFAULTS_FAILED = "Validation failed for work pool's job variable defaults"

/** The operation, as Prefect's messages name it. */
type Act =
  | 'Error creating flow run'
  | 'Error updating flow run'
  | 'Error creating deployment'
  | 'Error updating deployment'
  | typeof DEFAULTS_FAILED

const STRICTNESS: Record<Act, Strictness> = {
  'Error creating flow run': { required: true, passOverDefaults: true },
  'Error updating flow run': { required: true, passOverDefaults: true },
  'Error creating deployment': { required: false, passOverDefaults: true },
  'Error updating deployment': { required: false, passOverDefaults: true },
  [DEFAULTS_FAILED]: { required: false, passOverDefaults: false },
}

/**
 * Raises invalid (schema_mismatch for an update of a deployment), in Prefect's words, when job variables do not conform to
 * the schema in a pool's template, and not_found when a default refers to a block that does not exist. Without a schema
 * nothing is read and all is fine.
 */
export async function assertJobVariables(
  deps: Deps,
  act: Act,
  template: Variables,
  ...layers: readonly Variables[]
): Promise<void> {
  if (!isRecord(template.variables) || Object.keys(template.variables).length === 0) return
  const { defaultBlockIds, variablesProblem } = await loadRules()
  const defaults = await getDefaults(deps, defaultBlockIds(template))
  try {
    const problem = variablesProblem(template, defaults, layers, STRICTNESS[act])
    if (problem)
      throw new DomainError(act === 'Error updating deployment' ? 'schema_mismatch' : 'invalid', `${act}: ${problem}`)
  } catch (error) {
    throw error instanceof SchemaError ? new DomainError('invalid', error.message) : error
  }
}

async function getDefaults(deps: Deps, blockIds: readonly string[]): Promise<BlockData> {
  const ids = [...new Set(blockIds)]
  if (ids.length === 0) return new Map()
  const documents = await getBlockDocuments(deps.table, ids)
  if (documents.length < ids.length) throw new DomainError('not_found', 'Block not found.')
  const referenced = await getReferencedBlocks(deps, documents)
  return new Map(documents.map((document) => [document.id, nestBlocks(document, referenced).data]))
}
