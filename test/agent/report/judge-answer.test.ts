import { describe, expect, it } from 'vitest'
import { judgeAnswer } from '../../../agent/report/judge-answer.ts'

type Reply = Parameters<typeof judgeAnswer>[1]
const reply = (status: string, state: { type: string; message?: string } | null, details = {}) =>
  ({ status, state: state && { name: state.type, message: null, ...state }, details }) as unknown as Reply

const judge = (proposed: 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED', answer: Reply) =>
  judgeAnswer({ type: proposed }, answer)

describe('the answer to a proposed state', () => {
  it('is taken for a success where a repeat is told that it was one', () => {
    expect(judge('COMPLETED', reply('ACCEPT', { type: 'COMPLETED' }))).toEqual({ kind: 'entered' })
    expect(judge('RUNNING', reply('REJECT', { type: 'RUNNING' }))).toEqual({ kind: 'entered' })
  })

  it('says how long to wait', () => {
    expect(judge('RUNNING', reply('WAIT', null, { delay_seconds: 4 }))).toEqual({ kind: 'wait', seconds: 4 })
  })

  it('tells of a cancel, whatever was proposed', () => {
    const answer = reply('REJECT', { type: 'CANCELLING', message: 'why' })
    expect(judge('RUNNING', answer)).toEqual({ kind: 'cancelling', message: 'why' })
    expect(judge('COMPLETED', answer)).toEqual({ kind: 'cancelling', message: 'why' })
  })

  it('lets a failed run go on in its process, and lets go of one that waits to be claimed again', () => {
    expect(judge('FAILED', reply('REJECT', { type: 'SCHEDULED' }))).toEqual({ kind: 'again' })
    expect(judge('RUNNING', reply('REJECT', { type: 'SCHEDULED' }))).toEqual({ kind: 'lost' })
  })

  it('tells an end that came first from a run that is another one’s', () => {
    const over = { reason: 'Run is already in terminal state CRASHED.' }
    const stale = { reason: 'stale_generation: the run is in generation 2, not 1.' }
    expect(judge('COMPLETED', reply('ABORT', null, over))).toEqual({ kind: 'over' })
    expect(judge('COMPLETED', reply('REJECT', { type: 'CANCELLED' }))).toEqual({ kind: 'over' })
    expect(judge('COMPLETED', reply('ABORT', null, stale))).toEqual({ kind: 'lost' })
    expect(judge('RUNNING', reply('ABORT', null, { reason: 'no' }))).toEqual({ kind: 'refused', reason: 'no' })
  })
})
