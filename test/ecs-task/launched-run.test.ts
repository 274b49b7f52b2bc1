import { expect, it } from 'vitest'
import { launchedRun } from '#shared/ecs-task/launched-run.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { aClaim, at, runIn, T0, TASK_ARN } from '../support/fixtures/a-run.ts'

const launch = { attempt: 1, taskArn: TASK_ARN, taskVersion: 0 }
const launched = (run: FlowRun) => launchedRun({ ...run, claim: aClaim() }, launch, at(5))
const due = { scheduledTime: T0 }

it('a flow shows that its infrastructure is pending, and keeps its due time', () => {
  const run = launched(runIn('PENDING', { state: newState('PENDING', T0, { details: due }), launch: null }))
  expect(run).toMatchObject({ launch, state: { type: 'PENDING', name: 'InfrastructurePending', details: due } })
  expect(run.history.map(({ name }) => name).slice(-2)).toEqual(['Pending', 'InfrastructurePending'])
})

it.each([
  ['a command, whose start ECS reports', runIn('PENDING', { job: 'command' })],
  [
    'a flow that said already what it does',
    runIn('PENDING', { state: newState('PENDING', T0, { name: 'Submitting' }) }),
  ],
  ['a flow that runs already', runIn('RUNNING')],
  ['a flow that is being cancelled', runIn('CANCELLING')],
])('%s keeps its state', (_what, run) => {
  expect(launched(run)).toEqual({ ...run, launch, claim: aClaim() })
})
