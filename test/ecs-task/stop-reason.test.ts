import { describe, expect, it } from 'vitest'
import type { EcsTask, EcsTaskContainer } from '#shared/ecs-task/ecs-task.ts'
import { endOfCommand, endOfSilentFlow, stopMessage } from '#shared/ecs-task/stop-reason.ts'
import { anExit, aTask } from '../support/fixtures/a-task.ts'

const container = (name: string, exitCode: number | null, reason: string | null = null): EcsTaskContainer => ({
  name,
  exitCode,
  reason,
})
const endOf = (...containers: EcsTaskContainer[]) => endOfCommand(anExit(null, { containers }))
const failedToStart = (stoppedReason: string, overrides: Partial<EcsTask> = {}) =>
  aTask({ lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart', stoppedReason, containers: [], ...overrides })

describe('the exit code of a command', () => {
  const SIGNALS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
  const codes = Array.from({ length: 256 }, (_, code) => code)

  it('0 is Completed', () => {
    expect(endOfCommand(anExit(0))).toEqual({ type: 'COMPLETED', message: 'The command exited with code 0.' })
  })

  it('any other without a signal is Failed, with the code', () => {
    const ordinary = codes.filter((code) => code > 0 && (code <= 128 || code > 128 + 31))
    const ends = ordinary.map((code) => endOfCommand(anExit(code)))
    expect(ends).toEqual(ordinary.map((code) => ({ type: 'FAILED', message: `The command exited with code ${code}.` })))
  })

  it('128 plus a signal is Crashed, with the name of the signal', () => {
    const messages = SIGNALS.map((signal) => endOfCommand(anExit(128 + signal)))
    expect(new Set(messages.map(({ type }) => type))).toEqual(new Set(['CRASHED']))
    const names = messages.map(({ message }) => /killed by (\w+) \(exit code \d+\)/.exec(message)?.[1])
    expect(names).toEqual([
      'SIGINT',
      'SIGQUIT',
      'SIGILL',
      'SIGTRAP',
      'SIGABRT',
      'SIGBUS',
      'SIGFPE',
      'SIGKILL',
      'SIGUSR1',
      'SIGSEGV',
      'SIGUSR2',
      'SIGPIPE',
      'SIGALRM',
      'SIGTERM',
    ])
  })

  it('137 hints at memory, and names it when ECS does', () => {
    expect(endOfCommand(anExit(137)).message).toBe(
      'The command was killed by SIGKILL (exit code 137). On ECS this usually means that it ran out of memory.',
    )
    const told = endOf(container('main', 137, 'OutOfMemoryError: Container killed due to memory usage'))
    expect(told.message).toBe(
      'The command was killed by SIGKILL (exit code 137). It ran out of memory; raise the job variable memory.',
    )
  })
})

describe('several containers', () => {
  const ENDS: [string, EcsTaskContainer[], string][] = [
    ['a sidecar killed by ECS is ignored', [container('log', 137), container('main', 0)], 'COMPLETED'],
    ['a sidecar that succeeded is ignored', [container('log', 0), container('main', 3)], 'FAILED'],
    ['a main container that never ran is a crash', [container('log', 0), container('main', null)], 'CRASHED'],
    ['without a main one, any failure counts', [container('a', 0), container('b', 3)], 'FAILED'],
    ['without a main one, all must have run', [container('a', 0), container('b', null)], 'CRASHED'],
    ['without a main one, all must succeed', [container('a', 0), container('b', 0)], 'COMPLETED'],
  ]
  it.each(ENDS)('%s', (_what, containers, type) => {
    expect(endOf(...containers).type).toBe(type)
    expect(endOf(...containers.toReversed()).type).toBe(type)
  })

  it("are told apart by the main container's name in the template", () => {
    const containers = [container('log', 1), container('prefect', 0)]
    expect(endOfCommand(anExit(null, { containers, mainContainer: 'prefect' })).type).toBe('COMPLETED')
    expect(endOfCommand(anExit(null, { containers, mainContainer: 'log' })).type).toBe('FAILED')
  })
})

describe('an ECS task that never ran its command', () => {
  it('is Crashed, with no containers or none with an exit code', () => {
    const none = failedToStart('Timeout waiting for network interface provisioning to complete.')
    expect(endOfCommand(none)).toEqual({
      type: 'CRASHED',
      message:
        'The task never started. (TaskFailedToStart: Timeout waiting for network interface provisioning to complete.)',
    })
    expect(endOfCommand(anExit(null)).type).toBe('CRASHED')
  })
})

describe('a flow that ended silently', () => {
  it('is Crashed, whatever its exit code', () => {
    expect(endOfSilentFlow(anExit(0))).toEqual({
      type: 'CRASHED',
      message:
        'The container exited with code 0 without reporting a final state. The task stopped. ' +
        '(EssentialContainerExited: Essential container in task exited)',
    })
    expect(endOfSilentFlow(anExit(1)).message).toMatch(/^The container exited with code 1 without/)
    expect(endOfSilentFlow(anExit(137)).message).toMatch(
      /^The container was killed by SIGKILL \(exit code 137\) without reporting a final state\. On ECS this usually means/,
    )
  })

  it('is Crashed if it never started, too', () => {
    expect(endOfSilentFlow(failedToStart('CannotPullContainerError: not found')).message).toMatch(
      /^The image could not be pulled;/,
    )
  })
})

describe('the reason shown to users', () => {
  const REASONS: [EcsTask, string][] = [
    [
      failedToStart('CannotPullContainerError: pull image manifest has been retried 5 time(s): repo does not exist'),
      'The image could not be pulled; check its name and the execution role.',
    ],
    [failedToStart('CannotPullImageManifestError: no such tag'), 'The image could not be pulled;'],
    [
      failedToStart('ResourceInitializationError: unable to pull secrets or registry auth: AccessDenied'),
      'A secret could not be fetched; check its ARN and the execution role.',
    ],
    [failedToStart('ResourceInitializationError: failed to validate logger args'), 'The task could not be set up;'],
    [
      anExit(null, { containers: [container('main', null, 'CannotStartContainerError: exec: "x": not found')] }),
      'The container could not be started; check the command.',
    ],
    [
      aTask({ stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.' }),
      'The Spot capacity of the task was reclaimed.',
    ],
    [
      aTask({ stopCode: 'TerminationNotice', stoppedReason: 'Host EC2 (instance i-0abc) terminated.' }),
      'The instance that ran the task was terminated.',
    ],
    [failedToStart('Task failed to start'), 'The task never started.'],
    [aTask({ stopCode: 'UserInitiated', stoppedReason: 'enough' }), 'The task stopped. (UserInitiated: enough)'],
    [aTask(), 'The task stopped. (ECS gave no reason.)'],
  ]
  it.each(REASONS)('for %o is %s', (task, starts) => {
    expect(stopMessage(task).startsWith(starts)).toBe(true)
  })

  it("is followed by ECS's own words", () => {
    const task = failedToStart('stopped', { containers: [container('log', null), container('main', null, 'why')] })
    expect(stopMessage(task)).toBe('The task never started. (TaskFailedToStart: stopped: why)')
  })
})
