import type { ReplyOf } from '#shared/client/create-client.ts'

export type ClaimReply = ReplyOf<'claimWork'>
/** A run as it was handed out. */
export type ClaimedRun = ClaimReply['runs'][number]

/** The claim under which something is reported of a run; its life is not known where only a stop was heard of. */
export interface RunClaim {
  id: string
  life?: string
  generation: number
}

const GENERATION_HEADER = 'x-pushpool-generation'

/** What names one hand-out of a run. */
export function handOutKey({ flow_run, life, generation }: ClaimedRun): string {
  return `${flow_run.id}/${life}/${generation}`
}

export function claimOf({ flow_run, life, generation }: ClaimedRun): RunClaim {
  return { id: flow_run.id, life, generation }
}

/** The headers under which all is reported of a run, so that nothing counts once it is another's. */
export function fenceHeaders({ id, life, generation }: RunClaim): Record<string, string> {
  return { [GENERATION_HEADER]: life === undefined ? String(generation) : `${id}/${life}/${generation}` }
}
