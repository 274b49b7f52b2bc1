import { describe, expect, it } from 'vitest'
import type { ClaimedRun } from '../../../agent/report/hand-out.ts'
import { type End, endReport } from '../../../agent/run/end-report.ts'
import type { Order } from '../../../agent/run/order.ts'

const runOf = (kind: 'command' | 'flow', lost: 'crash' | 'requeue' = 'crash') =>
  ({
    flow_run: { next_scheduled_start_time: null, expected_start_time: '2026-01-01T00:00:00Z' },
    job: { kind, timeout_seconds: 5 },
    on_agent_lost: lost,
  }) as unknown as ClaimedRun
const exited = (code: number): End => ({ kind: 'exited', code })
const unstarted: End = { kind: 'unstarted', problem: null }
const report = (run: ClaimedRun, end: End, order?: Order) => endReport(run, end, order, 'a')

describe('the state that a command is left in', () => {
  it('follows its exit code', () => {
    const command = runOf('command')
    expect(report(command, exited(0))?.type).toBe('COMPLETED')
    expect(report(command, exited(2))).toEqual({ type: 'FAILED', message: 'The command exited with code 2.' })
    expect(report(command, exited(143))?.message).toBe('The command was killed by SIGTERM (exit code 143).')
    expect(report(command, { kind: 'killed' })?.type).toBe('CRASHED')
    expect(report(command, { kind: 'unstarted', problem: 'no such file' })?.message).toContain('no such file')
  })

  it('is what was ordered, however it exits', () => {
    const command = runOf('command')
    expect(report(command, exited(0), { kind: 'cancel', message: 'why' })).toEqual({
      type: 'CANCELLED',
      message: 'why',
    })
    expect(report(command, unstarted, { kind: 'cancel', message: null })?.type).toBe('CANCELLED')
    expect(report(command, exited(143), { kind: 'timeout' })).toMatchObject({ type: 'FAILED', name: 'TimedOut' })
    expect(report(command, exited(0), { kind: 'lost' })).toBeUndefined()
  })

  it.each<Order>([{ kind: 'shut_down', atOnce: false }, { kind: 'lapse' }])(
    'is by policy where its agent goes: %j',
    (order) => {
      expect(report(runOf('command'), exited(143), order)?.type).toBe('CRASHED')
      expect(report(runOf('command', 'requeue'), exited(143), order)?.type).toBe('SCHEDULED')
      expect(report(runOf('command'), unstarted, order)).toMatchObject({
        type: 'SCHEDULED',
        state_details: { scheduled_time: '2026-01-01T00:00:00Z' },
      })
    },
  )
})

it('a flow that ended without saying so has crashed, whatever its exit code', () => {
  const flow = runOf('flow')
  expect([0, 1].map((code) => report(flow, exited(code)))).toEqual([
    { type: 'CRASHED', message: 'Flow run process exited with status code 0 without reporting a final state.' },
    { type: 'CRASHED', message: 'Flow run process exited with status code 1.' },
  ])
})
