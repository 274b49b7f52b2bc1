import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { NO_EXTRAS } from '#shared/ecs-task/launch-extras.ts'
import { processStart } from '#shared/process/process-start.ts'
import { LocalTasks, type LocalTasksOptions } from '../../../local/tasks/local-tasks.ts'
import type { TaskEvent } from '../../../local/tasks/task-event.ts'
import { appendChange, createRecord, readRecords, taskFolder } from '../../../local/tasks/task-folder.ts'
import { newRecord, taskIdOf } from '../../../local/tasks/task-record.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { TestClock } from '../../support/world.ts'

interface Bench {
  tasks: LocalTasks
  folder: string
  clock: TestClock
  events: TaskEvent[]
  lines: string[]
  /** The last event's detail, once the task has stopped. */
  stopped(taskArn: string): Promise<TaskEvent['detail']>
  reopen(options?: Partial<LocalTasksOptions>): Promise<Bench>
}

function open(options: Partial<LocalTasksOptions> = {}, folder = temporaryFolder()): Bench {
  const clock = new TestClock()
  const events: TaskEvent[] = []
  const lines: string[] = []
  const log = { info: () => {}, warn: () => {}, error: (message: string) => expect.fail(message) }
  const tasks = new LocalTasks({
    path: join(folder, 'tasks'),
    cwd: folder,
    env: process.env,
    stopTimeoutSeconds: 30,
    clock,
    log,
    emit: (event) => events.push(event),
    writeLogs: (entries) => Promise.resolve(lines.push(...entries.map((entry) => entry.message))),
    ...options,
  })
  onTestFinished(() => tasks.close())
  const stopped = async (taskArn: string) => {
    const isEnd = ({ detail }: TaskEvent) => detail.taskArn === taskArn && detail.lastStatus === 'STOPPED'
    const event = await until(`${taskArn} stops`, () => events.find(isEnd))
    return (event as TaskEvent).detail
  }
  const reopen = async (changed: Partial<LocalTasksOptions> = {}) => {
    await tasks.close()
    return open({ clock, ...options, ...changed }, folder)
  }
  return { tasks, folder, clock, events, lines, stopped, reopen }
}

let tokens = 0
function request(command: string[], rest: Partial<LaunchRequest> = {}): LaunchRequest {
  tokens += 1
  const runId = `0192f0c1-2d3e-7a4b-8c5d-${String(tokens).padStart(8, '0')}0000`
  return {
    token: `token-${tokens}`,
    startedBy: `${runId}/1`,
    runId,
    name: 'brisk-heron',
    labels: {},
    command,
    image: null,
    env: {},
    cpu: null,
    memoryMib: null,
    configuration: {},
    extras: NO_EXTRAS,
    ...rest,
  }
}

async function arnOf(tasks: LocalTasks, asked: LaunchRequest): Promise<string> {
  const outcome = await tasks.run(asked)
  if (outcome.kind !== 'started') throw new Error(`not started: ${outcome.kind}`)
  return outcome.taskArn
}

const shell = (script: string, ...args: string[]) => ['/bin/sh', '-c', script, 'sh', ...args]
const running = (bench: Bench, arn: string) =>
  until('it runs', () => bench.events.some(({ detail }) => detail.taskArn === arn && detail.lastStatus === 'RUNNING'))

describe('a local task', () => {
  it('passes through the statuses that ECS shows, with rising versions', async () => {
    const bench = open()
    const asked = request(['true'])
    const arn = await arnOf(bench.tasks, asked)
    const end = await bench.stopped(arn)
    expect(bench.events.map(({ detail }) => detail.lastStatus)).toEqual([
      'PROVISIONING',
      'PENDING',
      'RUNNING',
      'STOPPED',
    ])
    const versions = bench.events.map(({ detail }) => detail.version)
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b))
    expect(end).toMatchObject({
      stopCode: 'EssentialContainerExited',
      startedBy: asked.startedBy,
      desiredStatus: 'STOPPED',
    })
    expect(end.containers).toMatchObject([{ name: 'main', exitCode: 0, lastStatus: 'STOPPED' }])
    expect(await bench.tasks.describe([arn, 'arn:aws:ecs:local:0:task/pushpool/unknown'])).toMatchObject([
      { taskArn: arn, lastStatus: 'STOPPED', containers: [{ exitCode: 0 }] },
    ])
    expect(await bench.tasks.listStartedBy(asked.startedBy)).toHaveLength(1)
  })

  it('starts once per token, even across a restart of the service', async () => {
    const bench = open()
    const ledger = join(bench.folder, 'ledger')
    const asked = request(shell('echo once >>"$1"', ledger))
    const arns = await Promise.all([arnOf(bench.tasks, asked), arnOf(bench.tasks, asked)])
    await bench.stopped(arns[0] ?? '')
    const again = await bench.reopen()
    expect(new Set([...arns, await arnOf(again.tasks, asked)]).size).toBe(1)
    await again.stopped(arns[0] ?? '')
    expect(readFileSync(ledger, 'utf8')).toBe('once\n')
  })

  it('reports an exit code unchanged, and a death by signal as 128 + n', async () => {
    const bench = open()
    const exits = await arnOf(bench.tasks, request(shell('exit 3')))
    const dies = await arnOf(bench.tasks, request(shell('kill -SEGV $$')))
    expect((await bench.stopped(exits)).containers[0]?.exitCode).toBe(3)
    expect((await bench.stopped(dies)).containers[0]?.exitCode).toBe(128 + 11)
  })

  it.each([
    [['no-such-program-here'], 'no such file'],
    [['./missing'], 'no such file'],
    [['./data.txt'], 'permission denied'],
    [[], 'no command'],
  ])('never starts when its program cannot be run: %j', async (command, problem) => {
    const bench = open()
    writeFileSync(join(bench.folder, 'data.txt'), 'no program')
    const end = await bench.stopped(await arnOf(bench.tasks, request(command)))
    expect(end).toMatchObject({ stopCode: 'TaskFailedToStart', containers: [{ name: 'main' }] })
    expect(end.stoppedReason).toMatch(/^CannotStartContainerError: /)
    expect(end.stoppedReason).toContain(problem)
    expect(end).not.toHaveProperty('startedAt')
    expect(end.containers[0]).not.toHaveProperty('exitCode')
  })

  it('gets its arguments unchanged, without a shell', async () => {
    const bench = open()
    const words = ['$HOME', '`id`', '; exit 9', '*', 'a  b', '-n', '\\t', 'A=1']
    await bench.stopped(await arnOf(bench.tasks, request(['printf', '%s\n', ...words])))
    expect(bench.lines).toEqual(words)
    const builtin = await bench.stopped(await arnOf(bench.tasks, request(['eval', 'exit 9'])))
    expect(builtin.stopCode).toBe('TaskFailedToStart')
  })

  it("has the environment of the request and not the service's", async () => {
    const bench = open({ env: { ...process.env, SECRET_OF_SERVICE: 'x', LANG: 'C' } })
    await bench.stopped(await arnOf(bench.tasks, request(['env'], { env: { PUSHPOOL_RUN_ID: 'r1' } })))
    const names = bench.lines.map((line) => line.split('=')[0])
    expect(names).toEqual(expect.arrayContaining(['PATH', 'HOME', 'LANG', 'PUSHPOOL_RUN_ID']))
    expect(
      names.filter(
        (name) =>
          name &&
          ![
            'PATH',
            'HOME',
            'LANG',
            'TMPDIR',
            'PUSHPOOL_RUN_ID',
            'PUSHPOOL_TASK_ID',
            'PWD',
            'OLDPWD',
            '_',
            'SHLVL',
          ].includes(name),
      ),
    ).toEqual([])
  })

  it('has no input, and runs in the folder of the service', async () => {
    const bench = open()
    await bench.stopped(await arnOf(bench.tasks, request(shell('cat; pwd -P'))))
    expect(bench.lines[0]).toMatch(new RegExp(`${bench.folder.split('/').at(-1)}$`))
  })

  it('ends with everything it left running, as a container does', async () => {
    const bench = open()
    await bench.stopped(await arnOf(bench.tasks, request(shell('sleep 600 & echo $!'))))
    const grandchild = Number(bench.lines[0])
    await until('the grandchild is gone', () => processStart(grandchild) === undefined)
    expect(grandchild).toBeGreaterThan(0)
  })

  it.runIf(process.platform === 'linux')('ends with processes in a session of their own, too', async () => {
    const bench = open()
    const asked = request(shell("setsid sh -c 'echo $$; sleep 600' & sleep 600"))
    const arn = await arnOf(bench.tasks, asked)
    const stray = Number(await until('it is up', () => bench.lines[0]))
    await bench.tasks.stop(arn, 'enough')
    await bench.stopped(arn)
    expect(stray).toBeGreaterThan(0)
    expect(processStart(stray)).toBeUndefined()
  })
})

describe('stopping a task', () => {
  const TREE = 'sh -c \'trap "" TERM; echo $$; while :; do sleep 0.1; done\' & echo $!; wait'

  it('ends it with SIGTERM, and reports that as ECS does', async () => {
    const bench = open()
    const arn = await arnOf(bench.tasks, request(['sleep', '600']))
    await running(bench, arn)
    await bench.tasks.stop(arn, 'Cancelled by someone')
    const end = await bench.stopped(arn)
    expect(end).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'Cancelled by someone' })
    expect(end.containers[0]?.exitCode).toBe(128 + 15)
    expect(end.stoppingAt).toBeDefined()
    await bench.tasks.stop(arn, 'again')
    await bench.tasks.stop('arn:aws:ecs:local:0:task/pushpool/unknown', 'never was')
  })

  it('lets a program exit in its own way', async () => {
    const bench = open()
    const arn = await arnOf(
      bench.tasks,
      request(shell('trap "echo bye; exit 7" TERM; echo up; while :; do sleep 0.05; done')),
    )
    await until('it is up', () => bench.lines.includes('up'))
    await bench.tasks.stop(arn, 'enough')
    expect((await bench.stopped(arn)).containers[0]?.exitCode).toBe(7)
    expect(bench.lines.at(-1)).toBe('bye')
  })

  it('kills all processes of one that ignores SIGTERM', async () => {
    const bench = open({ stopTimeoutSeconds: 0.2 })
    const arn = await arnOf(bench.tasks, request(shell(`trap '' TERM; ${TREE}`)))
    await until('both are up', () => bench.lines.length === 2)
    await bench.tasks.stop(arn, 'enough')
    const end = await bench.stopped(arn)
    expect(end).toMatchObject({ stopCode: 'UserInitiated', containers: [{ exitCode: 137 }] })
    for (const pid of bench.lines) await until('the family is gone', () => processStart(Number(pid)) === undefined)
  })

  it('waits for a task that is still starting', async () => {
    const bench = open()
    const arn = await arnOf(bench.tasks, request(['sleep', '600']))
    await bench.tasks.stop(arn, 'changed my mind')
    expect(await bench.stopped(arn)).toMatchObject({ stopCode: 'UserInitiated' })
  })
})

describe('the output of a task', () => {
  it('is in the logs, both streams in order, before the task is reported stopped', async () => {
    const seen: number[] = []
    let lines = 0
    const bench = open({
      writeLogs: async (entries) => void (lines += entries.length),
      emit: (event) => void (event.detail.lastStatus === 'STOPPED' && seen.push(lines)),
    })
    await bench.tasks.run(request(shell('for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf unfinished')))
    await until('it stops', () => seen.length > 0)
    expect(seen).toEqual([7])
  })

  it('is not logged for a flow, which sends its own logs, unless its container fails', async () => {
    const bench = open()
    const env = { PREFECT__FLOW_RUN_ID: 'r1' }
    await bench.stopped(await arnOf(bench.tasks, request(['echo', 'again'], { env })))
    expect(bench.lines).toEqual([])
    await bench.stopped(await arnOf(bench.tasks, request(shell('echo no such module; exit 1'), { env })))
    expect(bench.lines).toEqual(['no such module'])
  })

  it('is sent again while the logs cannot be stored', async () => {
    let refusals = 2
    const stored: string[] = []
    const bench = open({
      writeLogs: (entries) => {
        if (refusals-- > 0) return Promise.reject(new Error('busy'))
        return Promise.resolve(stored.push(...entries.map(({ message }) => message)))
      },
    })
    await bench.stopped(await arnOf(bench.tasks, request(['echo', 'hello'])))
    expect(stored).toEqual(['hello'])
  })

  it('is not shipped twice after a restart', async () => {
    const bench = open()
    const gate = join(bench.folder, 'gate')
    const arn = await arnOf(
      bench.tasks,
      request(shell('echo first; until [ -e "$1" ]; do sleep 0.02; done; echo last', gate)),
    )
    await until('the first line is there', () => bench.lines.length === 1)
    const again = await bench.reopen()
    writeFileSync(gate, '')
    await again.stopped(arn)
    expect(again.lines).toEqual(['last'])
  })
})

describe('a restarted service', () => {
  it('adopts a running task, and learns how it ends', async () => {
    const bench = open()
    const gate = join(bench.folder, 'gate')
    const arn = await arnOf(bench.tasks, request(shell('until [ -e "$1" ]; do sleep 0.02; done; exit 4', gate)))
    await running(bench, arn)
    const again = await bench.reopen()
    expect(await again.tasks.describe([arn])).toMatchObject([{ lastStatus: 'RUNNING' }])
    writeFileSync(gate, '')
    expect((await again.stopped(arn)).containers[0]?.exitCode).toBe(4)
  })

  it('learns of a task that ended in the meantime, and reports earlier ones again', async () => {
    const bench = open()
    const gate = join(bench.folder, 'gate')
    const before = await arnOf(bench.tasks, request(['false']))
    await bench.stopped(before)
    const meanwhile = await arnOf(bench.tasks, request(shell('until [ -e "$1" ]; do sleep 0.02; done', gate)))
    await running(bench, meanwhile)
    await bench.tasks.close()
    writeFileSync(gate, '')
    const { exit } = taskFolder(join(bench.folder, 'tasks'), meanwhile.split('/').at(-1) ?? '')
    await until('it has ended', () => readFileSync(exit, 'utf8') !== '')
    const again = await bench.reopen()
    expect((await again.stopped(before)).containers[0]?.exitCode).toBe(1)
    expect((await again.stopped(meanwhile)).containers[0]?.exitCode).toBe(0)
  })

  it('can stop an adopted task', async () => {
    const bench = open()
    const arn = await arnOf(bench.tasks, request(['sleep', '600']))
    await running(bench, arn)
    const again = await bench.reopen()
    await again.tasks.stop(arn, 'enough')
    expect(await again.stopped(arn)).toMatchObject({ stopCode: 'UserInitiated', containers: [{ exitCode: 143 }] })
  })

  it('reports a recorded but unstarted task as failed to start, and never starts it', async () => {
    const bench = open()
    await bench.tasks.close()
    const asked = request(shell('echo started'))
    const path = join(bench.folder, 'tasks')
    createRecord(taskFolder(path, taskIdOf(asked.token)), newRecord(asked, bench.clock.now()))
    const again = await bench.reopen()
    const end = await again.stopped(await arnOf(again.tasks, asked))
    expect(end).toMatchObject({ stopCode: 'TaskFailedToStart' })
    expect(again.lines).toEqual([])
  })

  it('reads a record with a truncated last line, and drops an empty one', async () => {
    const bench = open()
    const path = join(bench.folder, 'tasks')
    const [cut, empty] = [request(['true']), request(['true'])].map((asked) => ({
      asked,
      folder: taskFolder(path, taskIdOf(asked.token)),
    }))
    if (!cut || !empty) throw new Error('no folders')
    createRecord(cut.folder, newRecord(cut.asked, 1))
    appendFileSync(cut.folder.record, '\n{"status":"RUN')
    appendChange(cut.folder, { exitCode: 3 })
    mkdirSync(empty.folder.path)
    writeFileSync(empty.folder.record, '\n{"id":"x')
    expect(readRecords(path)).toEqual([{ ...newRecord(cut.asked, 1), exitCode: 3 }])
    expect(existsSync(empty.folder.path)).toBe(false)
  })

  it('kills what remains of a task whose supervisor was killed', async () => {
    const bench = open()
    const arn = await arnOf(bench.tasks, request(shell('echo $$; exec sleep 600')))
    await until('it is up', () => bench.lines.length === 1)
    const pid = readRecords(join(bench.folder, 'tasks'))[0]?.process?.pid ?? 0
    process.kill(pid, 'SIGKILL')
    expect((await bench.stopped(arn)).containers[0]?.exitCode).toBe(137)
    await until('the command is gone', () => processStart(Number(bench.lines[0])) === undefined)
  })

  it('forgets a task an hour after it stopped', async () => {
    const bench = open()
    const arn = await arnOf(bench.tasks, request(['true']))
    await bench.stopped(arn)
    bench.clock.pass(3_601)
    const again = await bench.reopen()
    expect(await again.tasks.describe([arn])).toEqual([])
    expect(existsSync(join(bench.folder, 'tasks', arn.split('/').at(-1) ?? ''))).toBe(false)
    rmSync(join(bench.folder, 'tasks'), { recursive: true })
  })
})
