import type { ReplyOf } from '#shared/client/create-client.ts'

export type ClaimReply = ReplyOf<'claimWork'>
/** A run as it was handed out. */
export type ClaimedRun = ClaimReply['runs'][number]

const GENERATION_HEADER = 'x-pushpool-generation'

/** What names one hand-out of a run, as the service's fence reads it. */
export function handOutKey({
  flow_run,
  life,
  generation,
}: Pick<ClaimedRun, 'life' | 'generation'> & {
  flow_run: Pick<ClaimedRun['flow_run'], 'id'>
}): string {
  return `${flow_run.id}/${life}/${generation}`
}

/** The headers under which all is reported of a run, so that nothing counts once it is another's. */
export function fenceHeaders(run: ClaimedRun): Record<string, string> {
  return { [GENERATION_HEADER]: handOutKey(run) }
}
