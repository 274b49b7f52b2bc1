import { INPUT_BYTES_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { assertClaim } from '#shared/engine/fence/assert-claim.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import type { RunInput } from '#shared/flow-run/run-input.ts'
import type { Fence } from '#shared/flow-run/verdict.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { getRunInput } from '#shared/storage/flow-run/list-run-inputs.ts'
import { putRunInput } from '#shared/storage/flow-run/put-run-input.ts'
import { takeRunInputs } from '#shared/storage/flow-run/take-run-inputs.ts'

/**
 * Creates an input of a run. Raises not_found, already_exists when it has one of that key, too_large and
 * stale_generation.
 */
export async function createRunInput(deps: Deps, input: Omit<RunInput, 'created'>, fence?: Fence): Promise<void> {
  assertInputSize(input.value)
  const run = await getRun(deps.table, input.runId)
  if (!run) throw notFound('Flow run', input.runId)
  await assertClaim(deps, run, fence, 'input')
  if (await putRunInput(deps.table, run.life, { ...input, created: deps.clock.now() })) return
  throw new DomainError('already_exists', 'A flow run input with this key already exists.')
}

/** Deletes an input of a run. Raises not_found and stale_generation. */
export async function deleteRunInput(deps: Deps, runId: string, key: string, fence?: Fence): Promise<void> {
  const run = await getRun(deps.table, runId)
  if (run) await assertClaim(deps, run, fence, 'input')
  const input = run && (await getRunInput(deps.table, run, key))
  if (!input) throw notFound('Flow run input', key)
  await takeRunInputs(deps.table, run, [key])
}

/** Raises too_large for an input that no item can hold. */
export function assertInputSize(value: string): void {
  if (Buffer.byteLength(value) <= INPUT_BYTES_MAX) return
  throw new DomainError('too_large', `A flow run input may have at most ${INPUT_BYTES_MAX} bytes.`)
}
