import { HISTORY_MESSAGE_MAX } from '#shared/bounds.ts'
import type { Launch, LaunchTimes, PastLaunch } from '#shared/flow-run/flow-run.ts'

interface StoredTimes {
  l?: number | undefined
  c?: number | undefined
  s?: number | undefined
  e?: number | undefined
  w?: string | undefined
  x?: number | undefined
}

/** A launch in the item, with short member names. */
export interface StoredLaunch extends StoredTimes {
  n: number
  arn?: string | undefined
  v: number
}

export interface StoredPastLaunch extends StoredTimes {
  g: number
  n: number
  arn?: string | undefined
  m?: string | undefined
}

/** The launch as it is kept in its run's item. */
export function encodeLaunch(launch: Launch): StoredLaunch {
  return { n: launch.attempt, arn: launch.taskArn ?? undefined, v: launch.taskVersion, ...encodeTimes(launch) }
}

/** The launch as it was encoded. */
export function decodeLaunch(stored: StoredLaunch): Launch {
  return { attempt: stored.n, taskArn: stored.arn ?? null, taskVersion: stored.v, ...decodeTimes(stored) }
}

/** A launch of an earlier generation as it is kept in its run's item. */
export function encodePastLaunch(launch: PastLaunch): StoredPastLaunch {
  const { generation, attempt, taskArn, reason } = launch
  const m = reason?.slice(0, HISTORY_MESSAGE_MAX).toWellFormed()
  return { g: generation, n: attempt, arn: taskArn ?? undefined, m, ...encodeTimes(launch) }
}

/** A launch of an earlier generation as it was encoded. */
export function decodePastLaunch(stored: StoredPastLaunch): PastLaunch {
  const { g, n, arn, m } = stored
  return { generation: g, attempt: n, taskArn: arn ?? null, reason: m ?? null, ...decodeTimes(stored) }
}

function encodeTimes(times: LaunchTimes): StoredTimes {
  const { launchedAt, createdAt, startedAt, stoppedAt, stopCode, exitCode } = times
  return { l: launchedAt, c: createdAt, s: startedAt, e: stoppedAt, w: stopCode, x: exitCode }
}

function decodeTimes({ l, c, s, e, w, x }: StoredTimes): LaunchTimes {
  const times = { launchedAt: l, createdAt: c, startedAt: s, stoppedAt: e, stopCode: w, exitCode: x }
  return Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined))
}
