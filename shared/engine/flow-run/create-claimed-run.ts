import type { Deps } from '#shared/deps.ts'
import { clientClaim } from '#shared/engine/dispatch/claim-for-client.ts'
import { nameRefusal } from '#shared/engine/dispatch/name-refusal.ts'
import { slotsToTake } from '#shared/engine/dispatch/slots-to-take.ts'
import { DomainError } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import * as storage from '#shared/storage/flow-run/create-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/** What a claim goes by changes only when a deployment gets its first limit, or a slot becomes free. */
const ROUNDS_MAX = 5

/**
 * Creates a run that is at work already, under its first claim: the run and all of its slots, or nothing. Returns the run
 * as stored; undefined when its id is taken. Raises no_slot, which names the limits that have no room.
 */
export async function createClaimedRun(deps: Deps, run: FlowRun): Promise<FlowRun | undefined> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { slots, ...still } = await slotsToTake(deps, run)
    const claimed = { ...run, claim: { ...clientClaim(deps, run.state.timestamp), slots } }
    const result = await storage.createClaimedRun(deps.table, claimed, still)
    if (result.kind === 'created') return claimed
    if (result.kind === 'exists') return undefined
    const words = await nameRefusal(deps, run, result.refused, await getLimits(deps.table, result.refused))
    if (words !== null) throw new DomainError('no_slot', words)
  }
  throw new DomainError('unavailable', 'The limits of the flow run are being modified concurrently; retry.')
}
