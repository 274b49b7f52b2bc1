import { idFromName } from '#shared/ids.ts'

/**
 * A run's id ends in four zeros, and the id of its n-th state is the same id ending in n (hexadecimal). So a state can
 * be read by its id with no index and no second item, and the compact state history holds no ids at all.
 */
const SEQUENCE_DIGITS = 4
export const STATE_SEQUENCE_MAX = 0xffff

/** Turns any UUID into a run id. */
export function asRunId(uuid: string): string {
  return uuid.slice(0, -SEQUENCE_DIGITS) + '0'.repeat(SEQUENCE_DIGITS)
}

/**
 * The run id that a create with this idempotency key always gets. The key counts within the deployment, or within the
 * flow for a run without one; Prefect's counts within the flow, so that one deployment gets another's run.
 */
export function runIdFromKey(
  { flowId, deploymentId }: { flowId: string; deploymentId?: string | null | undefined },
  idempotencyKey: string,
): string {
  return asRunId(idFromName('flow-run', deploymentId ?? flowId, idempotencyKey))
}

/** The id of a run's n-th state, n from 1. Past 65,535 states the number starts again from 1. */
export function stateIdOf(runId: string, sequence: number): string {
  const wrapped = ((sequence - 1) % STATE_SEQUENCE_MAX) + 1
  return runId.slice(0, -SEQUENCE_DIGITS) + wrapped.toString(16).padStart(SEQUENCE_DIGITS, '0')
}

/** The run and state number of a state id. */
export function parseStateId(stateId: string): { runId: string; sequence: number } {
  return { runId: asRunId(stateId.toLowerCase()), sequence: Number.parseInt(stateId.slice(-SEQUENCE_DIGITS), 16) }
}
