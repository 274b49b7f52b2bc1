import * as z from 'zod/mini'
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

export const explainFlowRun = endpoint({
  method: 'GET',
  path: '/flow_runs/:id/explain',
  scope: 'work',
  tag: 'Flow runs',
  summary: 'Explain why a flow run is waiting, with the same code that hands runs out. Not in Prefect.',
  params: () => z.object({ id: UuidIn }),
  reply: () =>
    named('FlowRunExplanation', () =>
      z.object({
        flow_run_id: UuidOut,
        state_type: z.string(),
        state_name: z.string(),
        /** Machine-readable: full, paused, not_due, behind_others, next, starting, held, ended, … */
        reason: z.string(),
        /** A sentence for people. */
        message: z.string(),
        limit: z.nullable(LimitUse),
        runs_ahead: z.nullable(z.int()),
        evaluated_at: InstantOut,
      }),
    ),
  status: 200,
})
