import { INPUT_BYTES_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import type { RunInput } from '#shared/flow-run/run-input.ts'
import { getRunRef } from '#shared/storage/flow-run/get-lives.ts'
import { putRunInput } from '#shared/storage/flow-run/put-run-input.ts'

/** Creates an input of a run. Raises not_found, already_exists when it has one of that key, and too_large. */
export async function createRunInput(deps: Deps, input: Omit<RunInput, 'created'>): Promise<void> {
  assertInputSize(input.value)
  const run = await getRunRef(deps.table, input.runId)
  if (!run) throw notFound('Flow run', input.runId)
  if (await putRunInput(deps.table, run.life, { ...input, created: deps.clock.now() })) return
  throw new DomainError('already_exists', 'A flow run input with this key already exists.')
}

/** Raises too_large for an input that no item can hold. */
export function assertInputSize(value: string): void {
  if (Buffer.byteLength(value) <= INPUT_BYTES_MAX) return
  throw new DomainError('too_large', `A flow run input may have at most ${INPUT_BYTES_MAX} bytes.`)
}
