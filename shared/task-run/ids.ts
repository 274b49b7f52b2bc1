import { asRunId } from '#shared/flow-run/ids.ts'
import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { idFromName } from '#shared/ids.ts'

/**
 * The id of the task run with these keys in a life of a flow run, in the form of run ids (see flow-run/ids.ts). Two creates with
 * the same keys are the same task run, so its id is the check that there is one.
 */
export function taskRunIdOf({ id, life }: RunRef, taskKey: string, dynamicKey: string): string {
  return asRunId(idFromName('task-run', id, life, taskKey, dynamicKey))
}
