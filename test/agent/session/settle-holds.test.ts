import { describe, expect, it } from 'vitest'
import type { Hold } from '#shared/agent/agent.ts'
import { type Held, settleHolds } from '#shared/agent/settle-holds.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import { aClaim, at, FLOW_ID, heldIn, LIFE, RUN_ID } from '../../support/fixtures/a-run.ts'

const HOLD: Hold = { runId: RUN_ID, life: LIFE, generation: 2, flowId: FLOW_ID }
const NAMED: Held[] = [{ runId: RUN_ID, generation: 2 }]
const held = (type: StateType) => heldIn(type, aClaim({ by: { kind: 'agent', name: 'a' } }), { generation: 2 })
const ended = (type: StateType, kind: 'claimant' | 'client') =>
  advance(held('RUNNING'), newState(type, at(9)), {}, { kind, keyId: null })

function settle(run: FlowRun | undefined, holding: readonly Held[] = []) {
  return settleHolds([HOLD], new Map(run ? [[run.id, run]] : []), holding)
}

describe('a run on record', () => {
  it('that its agent names counts on', () => {
    expect(settle(held('RUNNING'), NAMED)).toEqual({ kept: [HOLD], again: [], stop: [] })
  })

  it('that its agent does not name is handed out again', () => {
    expect(settle(held('PENDING'))).toEqual({ kept: [HOLD], again: [HOLD], stop: [] })
  })

  it('that is being cancelled is to be stopped, whether or not it is named', () => {
    const { state } = held('CANCELLING')
    const stop = [{ ...NAMED[0], reason: 'cancelling', message: state.message }]
    expect(settle(held('CANCELLING'), NAMED)).toMatchObject({ kept: [HOLD], stop })
    expect(settle(held('CANCELLING'))).toMatchObject({ kept: [HOLD], stop })
  })

  it('that has ended is dropped once its process is gone, too', () => {
    const done = ended('COMPLETED', 'claimant')
    expect(settle(done, NAMED)).toEqual({ kept: [HOLD], again: [], stop: [] })
    expect(settle(done)).toEqual({ kept: [], again: [], stop: [] })
  })

  it.each([
    ['that people ended', ended('CANCELLED', 'client')],
    ['that crashed without its process', ended('CRASHED', 'client')],
    ['that is in another generation', { ...held('RUNNING'), generation: 3 }],
    ['of another life', { ...held('RUNNING'), life: 'fedcba9876543210' }],
    ['that holds nothing any more', { ...held('RUNNING'), claim: null }],
    ['that does not exist', undefined],
  ])('%s is lost, and its process must end', (_what, run) => {
    expect(settle(run, NAMED)).toMatchObject({ kept: [HOLD], stop: [{ ...NAMED[0], reason: 'lost' }] })
    expect(settle(run)).toEqual({ kept: [], again: [], stop: [] })
  })

  it('whose process reported a crash or a cancel ends by itself', () => {
    for (const type of ['CRASHED', 'CANCELLED'] as const) {
      expect(settle(ended(type, 'claimant'), NAMED)).toMatchObject({ stop: [] })
    }
  })
})

it('what an agent names and nobody has on record is lost', () => {
  const stray = { runId: RUN_ID, generation: 1 }
  expect(settleHolds([], new Map(), [stray]).stop).toEqual([
    { ...stray, reason: 'lost', message: 'The run is not on record.' },
  ])
  expect(settle(held('RUNNING'), [...NAMED, stray])).toMatchObject({ kept: [HOLD], stop: [stray] })
})
