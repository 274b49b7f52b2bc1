import type { Artifact } from '#shared/artifact/artifact.ts'
import { formatInstant } from '#shared/instant.ts'

/** An artifact as Prefect's clients read it. */
export function artifactView(artifact: Artifact) {
  return {
    id: artifact.id,
    created: formatInstant(artifact.created),
    updated: formatInstant(artifact.updated),
    key: artifact.key,
    type: artifact.type,
    description: artifact.description,
    data: artifact.data,
    metadata_: artifact.metadata,
    flow_run_id: artifact.flowRunId,
    task_run_id: artifact.taskRunId,
  }
}

/** The newest artifact of its key. */
export function latestArtifactView(artifact: Artifact) {
  return { ...artifactView(artifact), key: artifact.key ?? '', latest_id: artifact.id }
}
