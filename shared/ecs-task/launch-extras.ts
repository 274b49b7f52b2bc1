/** What a pool's template says in ECS's own words, beyond what has a setting; docs/job-templates.md lists it. */
export interface LaunchExtras {
  /** Of the definition of the container that does the work, and of its override. */
  container: Record<string, unknown>
  containerOverride: Record<string, unknown>
  /** Definitions of the containers beside it; their `secrets` are a map from names to ARNs. */
  sidecars: readonly Record<string, unknown>[]
  definition: Record<string, unknown>
  request: Record<string, unknown>
  overrides: Record<string, unknown>
  /** Options of awslogs. */
  logOptions: Record<string, unknown>
}

export const NO_EXTRAS: LaunchExtras = {
  container: {},
  containerOverride: {},
  sidecars: [],
  definition: {},
  request: {},
  overrides: {},
  logOptions: {},
}
