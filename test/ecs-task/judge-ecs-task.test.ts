import { describe, expect, it } from 'vitest'
import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import { judgeEcsTask } from '#shared/ecs-task/judge-ecs-task.ts'
import { type FlowRun, NO_POLICY } from '#shared/flow-run/flow-run.ts'
import { newState, type StateType } from '#shared/flow-run/state.ts'
import { aClaim, at, runIn, T0, TASK_ARN } from '../support/fixtures/a-run.ts'
import { anExit, aTask } from '../support/fixtures/a-task.ts'

const NOW = at(100)
const SEEN = 3

/** An event of each kind, older than, equal to, or newer than the last one seen of the ECS task. */
const NEWS: EcsTask[] = [-1, 0, 1].flatMap((newer) =>
  ['PROVISIONING', 'RUNNING', 'STOPPED'].map((lastStatus) => {
    const version = SEEN + newer
    return lastStatus === 'STOPPED' ? anExit(0, { version }) : aTask({ lastStatus, version })
  }),
)

/** The outcome: nothing (-), the ECS task is stopped (stop), or the run is stored, in this state or unchanged (noted). */
function verdictOn(run: FlowRun, generation: number, task: EcsTask): string {
  const verdict = judgeEcsTask(run, { ...run, generation }, task, NOW)
  if (verdict.kind !== 'store') return verdict.kind === 'ignore' ? '-' : 'stop'
  return verdict.run.state === run.state ? 'noted' : verdict.run.state.type
}

const unclaimed = { claim: null }
const suspended = newState('PAUSED', T0, { name: 'Suspended', details: { pauseReschedule: true } })
const RUNS: Record<string, (job: FlowRun['job']) => FlowRun> = {
  pending: (job) => runIn('PENDING', { job }),
  unrecorded: (job) => runIn('PENDING', { job, launch: null }),
  running: (job) => runIn('RUNNING', { job }),
  paused: (job) => runIn('PAUSED', { job }),
  retrying: (job) =>
    runIn('SCHEDULED', {
      job,
      generation: 1,
      claim: aClaim(),
      launch: { attempt: 1, taskArn: TASK_ARN, taskVersion: SEEN },
      policy: { ...NO_POLICY, retryType: 'in_process' },
    }),
  cancelling: (job) => runIn('CANCELLING', { job }),
  completed: (job) => runIn('COMPLETED', { job }),
  failed: (job) => runIn('FAILED', { job }),
  crashed: (job) => runIn('CRASHED', { job }),
  cancelled: (job) => runIn('CANCELLED', { job }),
  suspended: (job) => runIn('PAUSED', { job, state: suspended, ...unclaimed, launch: null }),
  requeued: (job) => runIn('SCHEDULED', { job, generation: 1 }),
}

const readTable = (table: string) =>
  table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.trim().split(/\s+/))
    .map(([name = '', ...cells]) => [name, cells] as const)

/** A command reports nothing itself: ECS decides whether it runs, and its exit code how it ended (here 0). */
const COMMAND = `
              older                         same                          newer
              PROVISIONING RUNNING STOPPED  PROVISIONING RUNNING STOPPED  PROVISIONING RUNNING STOPPED
  pending     -     -       COMPLETED       -     -       COMPLETED       -     RUNNING COMPLETED
  unrecorded  noted RUNNING COMPLETED       noted RUNNING COMPLETED       noted RUNNING COMPLETED
  running     -     -       COMPLETED       -     -       COMPLETED       -     -       COMPLETED
  cancelling  -     -       CANCELLED       -     -       CANCELLED       -     -       CANCELLED
  completed   -     -       -               stop  stop    -               stop  stop    -
  failed      -     -       -               stop  stop    -               stop  stop    -
  crashed     -     -       -               stop  stop    -               stop  stop    -
  cancelled   -     -       -               stop  stop    -               stop  stop    -
  requeued    stop  stop    -               stop  stop    -               stop  stop    -`

/** A flow reports its own states; its container's end matters only if the run has not ended before. */
const FLOW = `
              older                         same                          newer
              PROVISIONING RUNNING STOPPED  PROVISIONING RUNNING STOPPED  PROVISIONING RUNNING STOPPED
  pending     -     -     CRASHED           -     -     CRASHED           -     -     CRASHED
  unrecorded  PENDING PENDING CRASHED       PENDING PENDING CRASHED       PENDING PENDING CRASHED
  running     -     -     CRASHED           -     -     CRASHED           -     -     CRASHED
  paused      -     -     CRASHED           -     -     CRASHED           -     -     CRASHED
  retrying    -     -     CRASHED           -     -     CRASHED           -     -     CRASHED
  cancelling  -     -     CANCELLED         -     -     CANCELLED         -     -     CANCELLED
  completed   -     -     -                 -     -     -                 -     -     -
  failed      -     -     -                 -     -     -                 -     -     -
  crashed     -     -     -                 -     -     -                 -     -     -
  cancelled   -     -     -                 stop  stop  -                 stop  stop  -
  suspended   -     -     -                 -     -     -                 -     -     -
  requeued    stop  stop  -                 stop  stop  -                 stop  stop  -`

describe("an event of the current generation's ECS task", () => {
  it.each(readTable(COMMAND))('a command that is %s', (name, cells) => {
    const run = RUNS[name]?.('command')
    expect(NEWS.map((task) => run && verdictOn(run, 1, task))).toEqual(cells)
  })

  it.each(readTable(FLOW))('a flow that is %s', (name, cells) => {
    const run = RUNS[name]?.('flow')
    expect(NEWS.map((task) => run && verdictOn(run, 1, task))).toEqual(cells)
  })
})

describe('an event of another generation', () => {
  const OTHER_ARN = TASK_ARN.replace('0123', 'ffff')
  const everyRun = Object.values(RUNS).flatMap((run) => [run('command'), run('flow')])

  it.each([0, 2, 7])(
    'of generation %i does not affect this one: a live task is stopped, an ended one ignored',
    (other) => {
      const verdicts = everyRun.flatMap((run) =>
        NEWS.map((task) => ({ ...task, taskArn: OTHER_ARN })).map((task) => {
          const expected = task.lastStatus === 'STOPPED' ? '-' : 'stop'
          return verdictOn(run, other, task) === expected ? null : { run, task }
        }),
      )
      expect(verdicts.filter((wrong) => wrong !== null)).toEqual([])
    },
  )
})

describe('an ECS task that is not of this claim', () => {
  const pending = runIn('PENDING', { job: 'command', launch: null, claim: aClaim({ at: at(60) }) })
  const on = (task: EcsTask, life = pending.life) => judgeEcsTask(pending, { ...pending, life }, task, NOW)

  it('but of another life of the run ends nothing: it is stopped if it lives', () => {
    expect(on(anExit(0), 'another')).toEqual({ kind: 'ignore', reason: 'the task or its run has ended' })
    expect(on(aTask({ lastStatus: 'RUNNING' }), 'another')).toMatchObject({ kind: 'stop' })
    expect(on(anExit(0))).toMatchObject({ kind: 'store', run: { state: { type: 'COMPLETED' } } })
  })

  it('but older than the claim ends nothing, as far as clocks tell', () => {
    expect(on(anExit(0, { createdAt: T0 - 1 }))).toMatchObject({ kind: 'ignore' })
    expect(on(aTask({ lastStatus: 'RUNNING', createdAt: T0 - 1 }))).toMatchObject({ kind: 'stop' })
    expect(on(anExit(0, { createdAt: T0 }))).toMatchObject({ kind: 'store' })
    expect(on(anExit(0, { createdAt: at(61) }))).toMatchObject({ kind: 'store' })
  })
})

describe('why an event changes nothing', () => {
  it.each([
    [
      'its container is on the way out',
      runIn('COMPLETED', { job: 'flow' }),
      aTask({ version: 9 }),
      'the run has ended',
    ],
    ['a later one was seen', runIn('RUNNING'), aTask({ version: 2 }), 'the event is out of date'],
    ['the run is as it says', runIn('RUNNING'), aTask({ version: 9 }), 'the run is up to date'],
  ])('because %s', (_why, run, task, reason) => {
    expect(judgeEcsTask(run, { ...run, generation: 1 }, task, NOW)).toEqual({ kind: 'ignore', reason })
  })

  it('and a flow whose launch ECS had not answered is stopped, whatever the run has come to', () => {
    const run = runIn('CRASHED', { job: 'flow', unanswered: { calls: 3, generations: 3, last: 1 } })
    expect(verdictOn(run, 1, aTask({ lastStatus: 'RUNNING', version: 9 }))).toBe('stop')
  })
})

describe('two ECS tasks of one claim, should that ever happen', () => {
  const other = TASK_ARN.replace('0123', 'ffff')

  it('the one not on record is stopped, and its end does not end the run', () => {
    const running = runIn('RUNNING', { job: 'command' })
    expect(verdictOn(running, 1, aTask({ taskArn: other, lastStatus: 'RUNNING', version: 9 }))).toBe('stop')
    expect(verdictOn(running, 1, anExit(1, { taskArn: other, version: 9 }))).toBe('-')
  })
})

describe('what is stored', () => {
  const stored = (run: FlowRun, task: EcsTask) => {
    const verdict = judgeEcsTask(run, { ...run, generation: 1 }, task, NOW)
    if (verdict.kind !== 'store') throw new Error(verdict.reason)
    return verdict.run
  }

  it('a command starts to run, with its ECS task on record', () => {
    const run = stored(RUNS.unrecorded?.('command') ?? runIn('PENDING'), aTask({ lastStatus: 'RUNNING', version: 4 }))
    expect(run).toMatchObject({
      state: { type: 'RUNNING', timestamp: NOW },
      launch: { attempt: 1, taskArn: TASK_ARN, taskVersion: 4 },
      startTime: NOW,
      runCount: 1,
    })
    expect(run.claim).not.toBeNull()
  })

  it('what an ECS task says of its times and its end, and what was told before stays', () => {
    const first = stored(RUNS.unrecorded?.('flow') ?? runIn('PENDING'), aTask({ version: 1, createdAt: at(1) }))
    expect(first.launch).toEqual({ attempt: 1, launchedAt: NOW, taskArn: TASK_ARN, taskVersion: 1, createdAt: at(1) })
    const ended = stored(first, anExit(3, { startedAt: at(2), stoppedAt: at(9) }))
    expect(ended.launch).toEqual({
      ...first.launch,
      taskVersion: 5,
      startedAt: at(2),
      stoppedAt: at(9),
      stopCode: 'EssentialContainerExited',
      exitCode: 3,
    })
  })

  it('the version never decreases, and the attempt stays', () => {
    const launch = { attempt: 4, taskArn: TASK_ARN, taskVersion: 9 }
    expect(stored(runIn('RUNNING', { launch }), anExit(1, { version: 2 })).launch).toMatchObject(launch)
  })

  it('the end releases the slots and gives the reason', () => {
    const run = stored(runIn('RUNNING', { job: 'command' }), anExit(3))
    expect(run).toMatchObject({
      claim: null,
      endTime: NOW,
      state: { type: 'FAILED', message: 'The command exited with code 3.' },
    })
  })

  it("a cancelled run keeps the reason given for the cancel, and the request's id", () => {
    const state = newState('CANCELLING', T0, { message: 'enough', details: { transitionId: 'c' } })
    const run = stored(runIn('CANCELLING', { state, job: 'command' }), anExit(143))
    expect(run.state).toMatchObject({ type: 'CANCELLED', message: 'enough', details: { transitionId: 'c' } })
  })
})

describe('a run that is out of time', () => {
  const timed = (overrides: Partial<FlowRun> = {}) =>
    runIn('RUNNING', { job: 'command', timeoutSeconds: 30, ...overrides })
  const stoppedByUs = (stoppedAt: number | null) => anExit(137, { stopCode: 'UserInitiated', stoppedAt })
  const ENDS: [string, FlowRun, EcsTask, StateType, string][] = [
    ['stopped at its deadline', timed(), stoppedByUs(at(30)), 'FAILED', 'TimedOut'],
    ['stopped some time later', timed(), stoppedByUs(at(99)), 'FAILED', 'TimedOut'],
    ['stopped at an unknown time', timed(), stoppedByUs(null), 'FAILED', 'TimedOut'],
    ['a flow, likewise', timed({ job: 'flow' }), stoppedByUs(at(30)), 'FAILED', 'TimedOut'],
    ['stopped by hand before its deadline', timed(), stoppedByUs(at(29.9)), 'CRASHED', 'Crashed'],
    ['ended by itself after its deadline', timed(), anExit(0, { stoppedAt: at(31) }), 'COMPLETED', 'Completed'],
    ['stopped without a time limit', timed({ timeoutSeconds: null }), stoppedByUs(at(99)), 'CRASHED', 'Crashed'],
    ['stopped before it ran', runIn('PENDING', { timeoutSeconds: 30 }), stoppedByUs(at(99)), 'CRASHED', 'Crashed'],
    [
      'stopped because it was cancelled',
      runIn('CANCELLING', { timeoutSeconds: 30 }),
      stoppedByUs(at(99)),
      'CANCELLED',
      'Cancelled',
    ],
  ]
  it.each(ENDS)('%s (%o, %o) ends %s (%s)', (_what, run, task, type, name) => {
    expect(judgeEcsTask(run, { ...run, generation: 1 }, task, NOW)).toMatchObject({
      kind: 'store',
      run: { state: { type, name } },
    })
  })
})
