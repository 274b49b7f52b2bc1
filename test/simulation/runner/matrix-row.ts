/** Operations that share a row of the matrix, as one piece of the service does their work. The first that matches counts. */
const ROWS: readonly (readonly [row: string, operations: RegExp])[] = [
  ['agents', /^(?:get|list|pause|resume|drain|delete)Agents?$/],
  ['reads of runs', /^(?:get|list(?!Scheduled)|count|paginate|explain)FlowRun(?!Input)/],
  ['reads of task runs', /^(?:get|list|count|paginate)TaskRun/],
  ['reads of places', /^(?:get|list|count)(?:All|Legacy)?Work/],
  ['reads of deployments', /^(?:get|list|count|paginate)Deployment/],
  ['reads of limits', /^(?:get|list)(?:Global|Tag)Limit/],
  ['reads of records', /^(?:get|list(?!Scheduled)|count)[A-Z]|Automations?$/],
  ['pause and resume deployments', /^(?:pause|resume|setDeploymentSchedule(?:Ina|A)ctive).*/],
  ['schedules of deployments', /DeploymentSchedules?$/],
  ['global limits', /GlobalLimit$/],
  ['tag limits', /TagLimit(?:ByTag)?$/],
  ['tag slots', /TagSlots$/],
  ['loose slots', /^(?:acquire|release)Slots$/],
  ['leased slots', /SlotsWithLease$|^renewLease$/],
  ['task runs', /^(?:create|update|delete)TaskRun$/],
  ['workers', /Worker(?:Heartbeat)?$/],
  ['variables', /Variable(?:ByName)?$/],
  ['blocks', /Block(?:Document|Schema|Type)$/],
  ['artifacts', /Artifact$/],
  ['API keys', /ApiKey$/],
  ['flows', /Flow$/],
  ['logs and inputs', /Logs$|FlowRunInput$/],
]

/** The row of an operation or event: many operations have one of their own. */
export function rowOf(verb: string): string {
  if (verb.startsWith('resumeFlowRun')) return verb
  return ROWS.find(([, operations]) => operations.test(verb))?.[0] ?? verb.replace(/ById$/, '')
}
