import { constants } from 'node:os'
import type { StateType } from '#shared/flow-run/state.ts'
import { type EcsTask, MAIN_CONTAINER } from './ecs-task.ts'

/** The state of a plain command from the end of its task. */
export interface EcsTaskEnd {
  type: Extract<StateType, 'COMPLETED' | 'FAILED' | 'CRASHED'>
  message: string
}

/** Docker and shells report death by signal n as 128 + n. */
const SIGNAL_BASE = 128
/**
 * Containers are not hung up on, and `git` exits with 129 when it is used wrongly, so that code is no signal.
 * Where a number has two names, the first is the usual one (SIGABRT before SIGIOT), so it is set last.
 */
const SIGNALS = Object.entries(constants.signals)
  .toReversed()
  .filter(([name]) => name !== 'SIGHUP')
const SIGNAL_NAMES = new Map(SIGNALS.map(([name, number]) => [number, name]))

/**
 * The end of a plain command: exit code 0 is Completed, any other Failed with the code; killed by a signal, or never
 * started, is Crashed with the reason.
 */
export function endOfCommand(task: EcsTask): EcsTaskEnd {
  const exitCode = exitCodeOf(task)
  if (exitCode === null) return { type: 'CRASHED', message: stopMessage(task) }
  return endOfExit(exitCode, hint(exitCode, task))
}

/** The end of a plain command that exited with a code, wherever it ran; the hint says more of a death by signal. */
export function endOfExit(exitCode: number, why = ''): EcsTaskEnd {
  if (exitCode === 0) return { type: 'COMPLETED', message: 'The command exited with code 0.' }
  const signal = SIGNAL_NAMES.get(exitCode - SIGNAL_BASE)
  if (!signal) return { type: 'FAILED', message: `The command exited with code ${exitCode}.` }
  return {
    type: 'CRASHED',
    message: `The command was killed by ${signal} (exit code ${exitCode}).${why}`,
  }
}

/** The end of a Prefect flow that did not report one itself: a crash, whatever its exit code. */
export function endOfSilentFlow(task: EcsTask): EcsTaskEnd {
  const exitCode = exitCodeOf(task)
  if (exitCode === null) return { type: 'CRASHED', message: stopMessage(task) }
  const signal = SIGNAL_NAMES.get(exitCode - SIGNAL_BASE)
  const how = signal ? `was killed by ${signal} (exit code ${exitCode})` : `exited with code ${exitCode}`
  const why = signal ? hint(exitCode, task) : ''
  const message = `The container ${how} without reporting a final state.${why} ${stopMessage(task)}`
  return { type: 'CRASHED', message }
}

/**
 * The exit code of the container that does the work; null when it never ran. A sidecar's says nothing: ECS kills it when
 * the work is done. Where no container has its name all count, and 0 only if every one of them ran.
 */
export function exitCodeOf(task: EcsTask): number | null {
  const main = task.containers.find(({ name }) => name === (task.mainContainer ?? MAIN_CONTAINER))
  if (main) return main.exitCode
  const codes = task.containers.map((container) => container.exitCode)
  const failure = codes.find((code) => code !== 0 && code !== null)
  return failure ?? (codes.includes(null) ? null : (codes[0] ?? null))
}

function hint(exitCode: number, task: EcsTask): string {
  const outOfMemory = task.containers.some((container) => container.reason?.includes('OutOfMemory'))
  if (outOfMemory) return ' It ran out of memory; raise the job variable memory.'
  return exitCode === SIGNAL_BASE + 9 ? ' On ECS this usually means that it ran out of memory.' : ''
}

/** Causes that ECS words for machines, and what a person can do about each. */
const READABLE: readonly [RegExp, string][] = [
  [/CannotPullContainer|CannotPullImage/, 'The image could not be pulled; check its name and the execution role.'],
  [/ResourceInitializationError.*secret/i, 'A secret could not be fetched; check its ARN and the execution role.'],
  [
    /ResourceInitializationError/,
    'The task could not be set up; check subnets, security groups and the execution role.',
  ],
  [/CannotStartContainer/, 'The container could not be started; check the command.'],
  [/SpotInterruption|spot interruption/i, 'The Spot capacity of the task was reclaimed.'],
  [/Host EC2|instance .*terminat/i, 'The instance that ran the task was terminated.'],
  [/TaskFailedToStart/, 'The task never started.'],
]

/** Why a task stopped, in a sentence for people followed by ECS's own words. */
export function stopMessage(task: EcsTask): string {
  const container = task.containers.find(({ reason }) => reason)?.reason
  const words = [task.stopCode, task.stoppedReason, container].filter(Boolean).join(': ')
  const readable = READABLE.find(([pattern]) => pattern.test(words))?.[1]
  const own = words || 'ECS gave no reason.'
  return readable ? `${readable} (${own})` : `The task stopped. (${own})`
}
