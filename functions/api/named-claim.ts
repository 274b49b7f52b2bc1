import { parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import { fenceFor, type NamedClaim } from '#shared/flow-run/named-claim.ts'
import type { Fence } from '#shared/flow-run/verdict.ts'
import type { Origin } from '#shared/flow-run/writer.ts'
import type { Caller } from './caller.ts'

/**
 * A process that works under a claim says which; an agent's and a launched task's requests carry it. With a run's id
 * and life before it (`<id>/<life>/2`) it is about that run alone, since a flow has one set of headers for all of its
 * requests; a number alone is a generation of the run that the request is about.
 */
const GENERATION_HEADER = 'x-pushpool-generation'

interface Request {
  header: (name: string) => string | undefined
  caller: Caller
}

/** The claim that a request names, if it does. */
export function namedClaimOf({ header }: Pick<Request, 'header'>): NamedClaim | undefined {
  const text = header(GENERATION_HEADER) ?? ''
  if (/^\d{1,9}$/.test(text)) return { generation: Number(text) }
  const claim = parseStartedBy(text)
  return claim && { runId: claim.id, life: claim.life, generation: claim.generation }
}

/** The fence of a request about a run; undefined where it names no claim on that run. */
export function fenceOf(request: Pick<Request, 'header'>, runId: string): Fence | undefined {
  return fenceFor(namedClaimOf(request), runId)
}

/** Who makes a request about a run, as the run's history keeps it. */
export function originOf(request: Request, fence?: Fence): Origin {
  return { kind: fence ? 'claimant' : 'client', keyId: request.caller.keyId }
}
