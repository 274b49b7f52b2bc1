import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ReplyOf } from '#shared/client/create-client.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { parseInstant, secondsBetween } from '#shared/instant.ts'
import { POOL, type Sent, type WireRun } from './stage.ts'

type Slots = ReplyOf<'getWorkPoolSlots'>

/** A sample of the service's state. */
export interface Look {
  runs: WireRun[]
  slots: Slots
}

export interface WatchOptions {
  sent: readonly Sent[]
  /** Called with every sample. */
  onLook: (look: Look) => void
  signal: AbortSignal
}

const LOOK_MS = 150
/** How long a job that is to be cancelled may run before. */
const CANCEL_AFTER_SECONDS = 2

/** Looks again and again until every run has ended, and cancels what is to be cancelled once it has run for a while. */
export async function watchToTheEnd(client: Client, { sent, onLook, signal }: WatchOptions): Promise<void> {
  const toCancel = new Set(sent.filter(({ job }) => job.ends === 'CANCELLED').map(({ runId }) => runId))
  for (;;) {
    signal.throwIfAborted()
    const look = await lookAt(client, sent)
    onLook(look)
    if (look.runs.every((run) => isTerminal(run.state_type))) return
    for (const run of look.runs.filter((each) => toCancel.has(each.id) && hasRunAWhile(each))) {
      toCancel.delete(run.id)
      await cancel(client, run.id)
    }
    await sleep(LOOK_MS, undefined, { signal })
  }
}

/** Asks for a run to be stopped. It is CANCELLING, and holds its slots, until its command is proven gone. */
export async function cancel(client: Client, runId: string): Promise<void> {
  const state = { type: 'CANCELLING', message: 'Cancelled by the demo.' } as const
  await client.setFlowRunState({ id: runId }, { state })
}

async function lookAt(client: Client, sent: readonly Sent[]): Promise<Look> {
  const [runs, slots] = await Promise.all([
    client.listFlowRuns({ flow_runs: { id: { any_: sent.map(({ runId }) => runId) } } }),
    client.getWorkPoolSlots({ name: POOL.name }),
  ])
  const byId = new Map(runs.map((run) => [run.id, run]))
  return { runs: sent.flatMap(({ runId }) => byId.get(runId) ?? []), slots }
}

function hasRunAWhile(run: WireRun): boolean {
  const since = parseInstant(run.state.timestamp) ?? 0
  return run.state_type === 'RUNNING' && secondsBetween(since, Date.now() * 1000) >= CANCEL_AFTER_SECONDS
}
