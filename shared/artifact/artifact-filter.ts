import { type AnyOf, combine, matchesAny, matchesText, type Operator, type Text } from '#shared/filter/criterion.ts'
import type { ArtifactOutline } from './artifact.ts'

/** Prefect's ArtifactFilter and ArtifactCollectionFilter, with the wire's member names. */
export interface ArtifactFilter {
  operator?: Operator | undefined
  id?: AnyOf | undefined
  latest_id?: AnyOf | undefined
  key?: (Text & { exists_?: boolean | undefined }) | undefined
  flow_run_id?: AnyOf | undefined
  task_run_id?: AnyOf | undefined
  type?: AnyOf | undefined
}

/** Whether an artifact matches the filter; without one, all do. */
export function matchesArtifact(artifact: ArtifactOutline, filter: ArtifactFilter = {}): boolean {
  const { key } = filter
  const exists = key?.exists_
  return combine(filter.operator, [
    matchesAny(artifact.id, filter.id),
    matchesAny(artifact.id, filter.latest_id),
    key?.any_ === undefined && key?.like_ === undefined
      ? undefined
      : artifact.key !== null && matchesText(artifact.key, key),
    exists === undefined ? undefined : (artifact.key !== null) === exists,
    matchesAny(artifact.flowRunId, filter.flow_run_id),
    matchesAny(artifact.taskRunId, filter.task_run_id),
    matchesAny(artifact.type, filter.type),
  ])
}

/** The newest artifact of each key. */
export function latestOf(artifacts: readonly ArtifactOutline[]): ArtifactOutline[] {
  const latest = new Map<string, ArtifactOutline>()
  for (const artifact of artifacts.toSorted(byAge)) {
    if (artifact.key !== null && !latest.has(artifact.key)) latest.set(artifact.key, artifact)
  }
  return [...latest.values()]
}

function byAge(a: ArtifactOutline, b: ArtifactOutline): number {
  return b.created - a.created
}

const byKey = (a: ArtifactOutline, b: ArtifactOutline) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1)
/** Prefect's ArtifactSort; ids are in order of time, to the millisecond. */
export const ARTIFACT_ORDER = {
  ID_DESC: byAge,
  CREATED_DESC: byAge,
  UPDATED_DESC: (a: ArtifactOutline, b: ArtifactOutline) => b.updated - a.updated,
  KEY_ASC: byKey,
  KEY_DESC: (a: ArtifactOutline, b: ArtifactOutline) => byKey(b, a),
}
export const ARTIFACT_SORTS = Object.keys(ARTIFACT_ORDER) as (keyof typeof ARTIFACT_ORDER)[]
