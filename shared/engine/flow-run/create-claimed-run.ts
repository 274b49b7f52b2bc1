import type { Deps } from '#shared/deps.ts'
import { clientClaim } from '#shared/engine/dispatch/claim-for-client.ts'
import { slotsToTake } from '#shared/engine/dispatch/slots-to-take.ts'
import { DomainError } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { refusalSentence } from '#shared/limit/refusal-sentence.ts'
import * as storage from '#shared/storage/flow-run/create-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/** A pool's epoch moves only when one of its deployments gets its first limit. */
const ROUNDS_MAX = 5

/**
 * Creates a run that is at work already, under its first claim: the run and all of its slots, or nothing. Returns the run
 * as stored; undefined when its id is taken. Raises no_slot, which names the limits that have no room.
 */
export async function createClaimedRun(deps: Deps, run: FlowRun): Promise<FlowRun | undefined> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { slots, poolEpoch } = await slotsToTake(deps, run)
    const claimed = { ...run, claim: { ...clientClaim(deps, run.state.timestamp), slots } }
    const result = await storage.createClaimedRun(deps.table, claimed, poolEpoch)
    if (result.kind === 'created') return claimed
    if (result.kind === 'exists') return undefined
    const limits = await getLimits(deps.table, result.refused)
    const overtaken = poolEpoch && limits.get(poolEpoch.key)?.epoch !== poolEpoch.epoch && limits.has(poolEpoch.key)
    if (!overtaken) throw new DomainError('no_slot', refusalSentence(result.refused, limits))
  }
  throw new DomainError('unavailable', 'The limits of the flow run are being modified concurrently; retry.')
}
