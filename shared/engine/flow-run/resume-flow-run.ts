import type { Deps } from '#shared/deps.ts'
import { assertClaim } from '#shared/engine/fence/assert-claim.ts'
import { hydrateParameters } from '#shared/engine/job/hydrate-parameters.ts'
import { loadConform } from '#shared/engine/job/load-conform.ts'
import type { SetStateResult } from '#shared/engine/read/set-state-result.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isCounted, isHeld } from '#shared/flow-run/held-run.ts'
import { inputKeysOf, type RunInput } from '#shared/flow-run/run-input.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { SchemaError } from '#shared/json-schema/schema-error.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { getRunInput } from '#shared/storage/flow-run/list-run-inputs.ts'
import { assertInputSize } from './create-run-input.ts'
import { type SetStateOptions, setState } from './set-state.ts'

type Input = Record<string, unknown>

/**
 * Resumes a paused run: one whose process waits is RUNNING again, one that was suspended is rescheduled (as Prefect
 * does, src/prefect/server/api/flow_runs.py, resume_flow_run). A pause that waits for input gets it in the same write:
 * of several people who resume a run, it goes on with what the one gave whose answer is ACCEPT. Raises not_found,
 * too_large and stale_generation.
 */
export async function resumeFlowRun(
  deps: Deps,
  runId: string,
  given: Input = {},
  options: SetStateOptions = {},
): Promise<SetStateResult> {
  const run = await getRun(deps.table, runId)
  if (!run) throw notFound('Flow run', runId)
  await assertClaim(deps, run, options.fence, 'set_state')
  const ended = notPaused(run)
  if (ended !== undefined) return { verdict: { status: 'ABORT', reason: ended }, run, wrote: false }
  const asked = await askedFor(deps, run, given)
  if (typeof asked === 'string')
    return { verdict: { status: 'REJECT', state: run.state, reason: asked, written: false }, run, wrote: false }
  const scheduledTime = deps.clock.now()
  // One that was paused before it was claimed has no process to go on, either.
  const waits = run.state.details.pauseReschedule || (!isHeld(run) && isCounted(run))
  const state = { type: 'SCHEDULED', name: 'Resuming', details: { scheduledTime } } as const
  const objection = (now: FlowRun) => notPaused(now) ?? (isSamePause(now, run) ? undefined : PAUSED_AGAIN)
  return await setState(deps, runId, waits ? state : { type: 'RUNNING' }, { ...options, objection, ...asked })
}

const PAUSED_AGAIN = 'The flow run was resumed and paused again.'

/** The input was held against the pause that was read. */
function isSamePause(a: FlowRun, b: FlowRun): boolean {
  return a.life === b.life && a.stateSequence === b.stateSequence
}

function notPaused({ state }: FlowRun): string | undefined {
  return state.type === 'PAUSED' ? undefined : 'Cannot resume a flow run that is not paused.'
}

/** What a pause that waits for input is given, or why it goes on waiting. */
async function askedFor(deps: Deps, run: FlowRun, given: Input): Promise<Pick<SetStateOptions, 'input'> | string> {
  const keys = inputKeysOf(run.state)
  if (!keys) return {}
  const input = await hydrated(deps, given)
  if (typeof input === 'string') return input
  const problem = await problemOf(deps, run, keys.schema, input)
  return problem ?? { input: inputOf(deps, run, keys.response, input) }
}

/** The hydrated input, or why there is none. */
async function hydrated(deps: Deps, given: Input): Promise<Input | string> {
  try {
    return await hydrateParameters(deps, 'run input', given)
  } catch (error) {
    if (error instanceof DomainError && error.code === 'unresolved') return error.message
    throw error
  }
}

/** Why the input does not conform to the pause's schema, in Prefect's words; undefined when it does. */
async function problemOf(deps: Deps, run: FlowRun, key: string | undefined, input: Input): Promise<string | undefined> {
  const requested = key && (await getRunInput(deps.table, run, key))
  if (!requested) return 'Run input schema not found.'
  const schema = parsed(requested.value)
  if (!isRecord(schema)) return 'Run input schema is not valid JSON.'
  const { nonconformity } = await loadConform()
  try {
    const problem = nonconformity(input, schema)
    return problem && `Reason: ${problem}`
  } catch (error) {
    if (error instanceof SchemaError) return `Reason: ${error.message}`
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function inputOf(deps: Deps, { id }: FlowRun, key: string | undefined, given: Input): RunInput | undefined {
  if (!key || Object.keys(given).length === 0) return undefined
  const value = JSON.stringify(given)
  assertInputSize(value)
  return { runId: id, key, value, sender: null, created: deps.clock.now() }
}
