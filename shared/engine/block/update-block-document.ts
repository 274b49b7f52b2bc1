import type { BlockDocument } from '#shared/block/block-document.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { getBlockDocument } from '#shared/storage/block/get-block-document.ts'
import { putBlockDocument } from '#shared/storage/block/put-block-document.ts'
import { assertUsableDocument } from './assert-usable-document.ts'

/** Conflicting writers decide again; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10

export interface NewBlockDocument extends Pick<BlockDocument, 'typeId' | 'schemaId' | 'data' | 'anonymous'> {
  /** Omitted for an anonymous document. */
  name?: string | undefined
}

export interface BlockDocumentChange {
  data?: Record<string, unknown> | undefined
  /** Whether members that `data` omits stay unchanged. */
  merge: boolean
  /** Another schema of the same type. */
  schemaId?: string | undefined
}

/** Changes a block document. Raises what createBlockDocument does, and invalid for an anonymous one. */
export async function updateBlockDocument(deps: Deps, id: string, change: BlockDocumentChange): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await getBlockDocument(deps.table, id)
    if (!before) throw notFound('Block document', id)
    if (before.anonymous) {
      throw new DomainError('invalid', "The content of an anonymous block document can't be changed.")
    }
    const document = {
      ...before,
      data: { ...(change.merge ? before.data : {}), ...change.data },
      schemaId: change.schemaId ?? before.schemaId,
      updated: Math.max(deps.clock.now(), before.updated + 1),
    }
    await assertUsableDocument(deps, document)
    const result = await putBlockDocument(deps.table, document, before)
    if (result === 'schema_gone') throw notFound('Block schema', document.schemaId)
    if (result === 'outdated') continue
    deps.log.info('block document changed', { blockDocumentId: id })
    return
  }
  throw new DomainError('unavailable', `Block document '${id}' is being modified concurrently; retry.`)
}
