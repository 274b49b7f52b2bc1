import type { FlowRun } from './flow-run.ts'

/** A run without what may be large of it, to be held by the thousand; enough to sort by and to show the name of. */
export function lightRun(run: FlowRun): FlowRun {
  return { ...run, details: { ...run.details, parameters: {}, context: {}, jobVariables: {} } }
}
