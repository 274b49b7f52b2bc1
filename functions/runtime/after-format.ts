import type { Deps } from '#shared/deps.ts'
import { DomainError } from '#shared/errors.ts'
import { openFormat } from '#shared/storage/dynamo/open-format.ts'

const REMEDY =
  'deploy this version under another stack name, or deploy the version that made the table again until its runs have ended'

/**
 * The check of the table's format, made once per process. A check that failed is made again at the next call, for the
 * table may just have been busy; a refusal is logged and thrown each time.
 */
export function formatCheck({ table, log }: Pick<Deps, 'table' | 'log'>): () => Promise<void> {
  let checked: Promise<void> | undefined
  return async () => {
    checked ??= openFormat(table, REMEDY)
    try {
      await checked
    } catch (error) {
      checked = undefined
      if (error instanceof DomainError) log.error('table refused', { reason: error.message })
      throw error
    }
  }
}

/** A handler that begins only when the table's format is known to be this version's; until then it throws. */
export function afterFormat<Args extends unknown[], Result>(
  deps: Pick<Deps, 'table' | 'log'>,
  handler: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  const check = formatCheck(deps)
  return async (...args) => {
    await check()
    return await handler(...args)
  }
}
