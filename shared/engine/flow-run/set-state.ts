import type { Deps } from '#shared/deps.ts'
import { applyConsequences } from '#shared/engine/dispatch/apply-consequences.ts'
import { claimForClient } from '#shared/engine/dispatch/claim-for-client.ts'
import { recordRefusedWrite } from '#shared/engine/fence/assert-claim.ts'
import type { SetStateResult } from '#shared/engine/read/set-state-result.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { propose } from '#shared/flow-run/propose.ts'
import { inputKeysOf, type RunInput } from '#shared/flow-run/run-input.ts'
import { lossOfClaim } from '#shared/flow-run/staleness.ts'
import { holdsSlots, newState } from '#shared/flow-run/state.ts'
import type { Fence, ProposedState, Verdict } from '#shared/flow-run/verdict.ts'
import type { Origin } from '#shared/flow-run/writer.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { takeRunInputs } from '#shared/storage/flow-run/take-run-inputs.ts'
import { rejoinLine } from './rejoin-line.ts'

export interface SetStateOptions {
  /** Skip the rules that a user may overrule. */
  force?: boolean
  /** The claim that the proposer works under, when it knows it; an old one is refused. */
  fence?: Fence | undefined
  /** Who proposes; the service itself when left out. */
  origin?: Origin | undefined
  /** Why the state may not be proposed to the run as it is now, which may have changed since its caller read it. */
  objection?: (run: FlowRun) => string | undefined
  /** What the run is given with the state, if that is accepted. */
  input?: RunInput | undefined
}

/** Conflicting writers decide again; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10

/**
 * Proposes a state: decides on a consistent read, then makes one conditional write, and decides again when another
 * write came first. Entering a state that holds slots always goes through the same claim. Raises not_found, and
 * unavailable when other writers kept getting in between.
 */
export async function setState(
  deps: Deps,
  runId: string,
  proposed: ProposedState,
  options: SetStateOptions = {},
): Promise<SetStateResult> {
  const { force = false, fence, origin, objection, input } = options
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const run = await getRun(deps.table, runId)
    if (!run) throw notFound('Flow run', runId)
    const reason = objection?.(run)
    if (reason !== undefined) return { verdict: { status: 'ABORT', reason }, run, wrote: false }
    const verdict = propose(run, proposed, { now: deps.clock.now(), force, fence })
    if (verdict.status === 'ABORT' && fence && lossOfClaim(run, fence)) {
      await recordRefusedWrite(deps, run, fence, 'set_state')
    }
    if (verdict.status === 'WAIT' || verdict.status === 'ABORT') return { verdict, run, wrote: false }
    if (verdict.status === 'REJECT' && !verdict.written) return { verdict, run, wrote: false }
    const next = await rejoinLine(deps, run, advance(run, verdict.state, verdict.policy, origin))
    if (typeof next === 'string') return { verdict: { status: 'ABORT', reason: next }, run, wrote: false }
    const claims = needsClaim(run, next)
    const result = claims
      ? await claimFor(deps, run, next, origin)
      : await store(deps, run, next, adopted(verdict, next), input)
    if (result) return result
  }
  throw new DomainError('unavailable', `Flow run '${runId}' is being modified concurrently; retry.`)
}

/** A run that waits in a pool holds slots before it may be PENDING or RUNNING. Outside pools there are none to hold. */
function needsClaim(run: FlowRun, next: FlowRun): boolean {
  return isWaiting(run) && holdsSlots(next.state.type)
}

/** RUNNING straight from SCHEDULED goes by way of PENDING: claimed first, and then proposed again. */
async function claimFor(
  deps: Deps,
  run: FlowRun,
  next: FlowRun,
  origin: Origin | undefined,
): Promise<SetStateResult | undefined> {
  const { type, timestamp } = next.state
  const { scheduledTime } = run.state.details
  // Without the proposal's transition id: the second round would think the run already made this transition.
  const pending = type === 'PENDING' ? next.state : newState('PENDING', timestamp, { details: { scheduledTime } })
  const result = await claimForClient(deps, run, pending, origin)
  const claimed = result?.wrote && result.verdict.status === 'ACCEPT'
  return claimed && type !== 'PENDING' ? undefined : result
}

async function store(
  deps: Deps,
  run: FlowRun,
  next: FlowRun,
  verdict: Verdict,
  input: RunInput | undefined,
): Promise<SetStateResult | undefined> {
  // Before the pause is stored: cut short in between, an old response would answer it.
  await forgetInput(deps, next)
  const given = verdict.status === 'ACCEPT' ? input : undefined
  if (!(await saveRun(deps.table, run, next, given))) return undefined
  deps.log.info('flow run entered a state', { runId: run.id, from: run.state.name, to: next.state.name })
  await applyConsequences(deps, run, next)
  const stored: FlowRun = { ...next, revision: run.revision + 1 }
  return { verdict: withState(verdict, stored), run: stored, wrote: true }
}

/** Prefect names three. */
const KEYS_MAX = 10

/** A pause requests its input again each time: a response to an earlier try must not count (Prefect 3.9). */
async function forgetInput(deps: Deps, run: FlowRun): Promise<void> {
  const keys = run.state.type === 'PAUSED' ? inputKeysOf(run.state) : undefined
  if (keys) await takeRunInputs(deps.table, run, Object.values(keys).slice(0, KEYS_MAX))
}

/** Where the run could not enter the state that was accepted, the proposer adopts the one that it entered. */
function adopted(verdict: Verdict, { state }: FlowRun): Verdict {
  if (verdict.status !== 'ACCEPT' || verdict.state.type === state.type) return verdict
  return { status: 'REJECT', state, reason: state.message ?? state.name, written: true }
}

/** The response carries the state as stored. */
function withState(verdict: Verdict, run: FlowRun): Verdict {
  return verdict.status === 'ACCEPT' || verdict.status === 'REJECT' ? { ...verdict, state: run.state } : verdict
}
