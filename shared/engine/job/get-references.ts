import type { BlockDocument } from '#shared/block/block-document.ts'
import { nestBlocks } from '#shared/block/nest-blocks.ts'
import type { Deps } from '#shared/deps.ts'
import type { FilledJob } from '#shared/ecs-task/plan-job.ts'
import { DomainError } from '#shared/errors.ts'
import { getBlockDocuments } from '#shared/storage/block/get-block-document.ts'
import { getVariables } from '#shared/storage/variable/get-variable.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { type Found, NOTHING_FOUND, referencesOf } from '#shared/template/references.ts'
import { getReferencedBlocks } from './get-referenced-blocks.ts'

/**
 * Reads a job's references, and those of its blocks in turn. What does not exist is missing in the result. Raises
 * TemplateError for references that name nothing.
 */
export async function getReferences(deps: Deps, { kind, values }: FilledJob): Promise<Found> {
  if (kind === 'variables') return NOTHING_FOUND
  const { blockIds, variables } = referencesOf(values)
  if (blockIds.size + variables.size === 0) return NOTHING_FOUND
  const documents = await getBlockDocuments(deps.table, [...blockIds])
  const blocks = nested(documents, await getReferencedBlocks(deps, documents))
  // A block's data may name variables, too.
  const within = referencesOf([...blocks.values()]).variables
  const found = await getVariables(deps.table, [...variables, ...within])
  return { blocks, variables: new Map(found.map(({ name, value: held }) => [name, held])) }
}

function nested(documents: readonly BlockDocument[], referenced: ReadonlyMap<string, BlockDocument>) {
  try {
    return new Map(documents.map((document) => [document.id, nestBlocks(document, referenced).data]))
  } catch (error) {
    throw error instanceof DomainError ? new TemplateError(error.message) : error
  }
}
