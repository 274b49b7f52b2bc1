import * as z from 'zod/mini'
import { PAGE_MAX } from '#shared/bounds.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { InstantOut, named, UuidIn, UuidOut } from '#shared/contract/wire.ts'

const LimitUse = named('LimitUse', () =>
  z.object({
    kind: z.enum(['pool', 'queue', 'deployment']),
    id: z.string(),
    limit: z.nullable(z.int()),
    active: z.int(),
  }),
)

/** Machine-readable, a sentence for people, the limit it is about, and how many runs go first, up to 1,001. */
const obstacleMembers = {
  reason: z.string(),
  message: z.string(),
  limit: z.nullable(LimitUse),
  runs_ahead: z.nullable(z.int()),
}

const FlowRunExplanation = named('FlowRunExplanation', () =>
  z.object({
    flow_run_id: UuidOut,
    state_type: z.string(),
    state_name: z.string(),
    /** Those of the first obstacle, where there is one; otherwise next, starting, held, suspended, ended, … */
    ...obstacleMembers,
    /** Everything that keeps the run from starting. */
    obstacles: z.array(named('FlowRunObstacle', () => z.object(obstacleMembers))),
    evaluated_at: InstantOut,
  }),
)

export const explainFlowRun = endpoint({
  method: 'GET',
  path: '/flow_runs/:id/explain',
  scope: 'work',
  tag: 'Flow runs',
  summary: 'Explain why a flow run is waiting, with the same code that hands runs out. Not in Prefect.',
  params: () => z.object({ id: UuidIn }),
  reply: () => FlowRunExplanation,
  status: 200,
})

export const explainFlowRuns = endpoint({
  method: 'POST',
  path: '/flow_runs/explain',
  scope: 'work',
  tag: 'Flow runs',
  summary: 'Explain up to 200 flow runs at once, in the order given; unknown ones are left out. Not in Prefect.',
  body: () =>
    named('FlowRunExplainRequest', () =>
      z.object({ flow_run_ids: z.array(UuidIn).check(z.minLength(1), z.maxLength(PAGE_MAX)) }),
    ),
  reply: () => z.array(FlowRunExplanation),
  status: 200,
})
