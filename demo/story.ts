import type { Client } from '#shared/client/create-client.ts'
import { isTerminal, type StateType } from '#shared/flow-run/state.ts'
import { type Instant, parseInstant } from '#shared/instant.ts'
import type { Job } from './job.ts'
import type { Sent, WireRun } from './stage.ts'

/** A run that has ended, with all the states it went through, as the service reports it. */
export interface Story {
  job: Job
  run: WireRun
  states: WireRun['state'][]
  created: Instant
  /** When it took its slots; none if it never did. */
  claimed: Instant | undefined
  started: Instant | undefined
  /** When it gave its slots back. */
  ended: Instant | undefined
}

/** Reads the outcomes of the runs. */
export async function readStories(client: Client, sent: readonly Sent[]): Promise<Story[]> {
  return await Promise.all(sent.map((each) => readStory(client, each)))
}

async function readStory(client: Client, { job, runId }: Sent): Promise<Story> {
  const [run, states] = await Promise.all([
    client.getFlowRun({ id: runId }),
    client.listFlowRunStates({ flow_run_id: runId }),
  ])
  const at = (is: (type: StateType) => boolean) => {
    const state = states.find(({ type }) => is(type))
    return state && parseInstant(state.timestamp)
  }
  return {
    job,
    run,
    states,
    created: parseInstant(run.created) ?? 0,
    claimed: at((type) => type === 'PENDING'),
    started: at((type) => type === 'RUNNING'),
    ended: at(isTerminal),
  }
}
