import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Deps } from '#shared/deps.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import { newState } from '#shared/flow-run/state.ts'
import { NEVER } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { limitItemKey } from '#shared/storage/dynamo/table.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'

/**
 * The claim as Prefect and others make it, kept to show that the tests can fail: it reads the number of held runs and
 * then claims. Each write is sound by itself (the run is claimed once, the count is never wrong), and yet two that count
 * before either writes exceed the limit. `counted` is awaited in between, so that a test can force that.
 */
export async function racyClaim(
  deps: Deps,
  run: FlowRun,
  slots: LimitKey[],
  limit: number,
  counted: () => Promise<void>,
): Promise<FlowRun | undefined> {
  const { rows } = await listPhase(deps.table, { phase: activePhase(run.poolId), limit: 1000 })
  const held = await getRuns(
    deps.table,
    rows.map((row) => row.runId),
  )
  await counted()
  if (held.filter((other) => other.claim).length >= limit) return undefined
  const at = deps.clock.now()
  const claim: FlowRun['claim'] = {
    id: deps.ids.token(),
    by: { kind: 'client', name: null },
    at,
    leaseUntil: NEVER,
    slots,
  }
  const claimed = { ...advance(run, newState('PENDING', at)), claim, generation: run.generation + 1 }
  if (!(await saveRun(deps.table, run, claimed))) return undefined
  for (const slot of slots) {
    const update = 'SET #active = #active + :one, #available = #available - :one, #moves = #moves + :one'
    const expressions = express({ update, values: { one: 1 } })
    await deps.table.client.send(new UpdateItemCommand({ ...keyOf(deps.table, limitItemKey(slot)), ...expressions }))
  }
  return claimed
}
