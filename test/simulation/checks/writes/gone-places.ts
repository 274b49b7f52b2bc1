import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { Step } from '../../machine/scheduler.ts'
import { waits } from '../judge.ts'
import type { Picture } from '../picture.ts'

/** I4: no run comes to a pool or queue that was gone before whoever sends it there began. */
export class GonePlaces {
  readonly #goneAt = new Map<LimitKey, Instant>()

  /** Notes what has gone with a write. */
  note(before: Picture, { limits }: Picture, { at }: Pick<Step, 'at'>): void {
    if (before.limits === limits) return
    for (const key of before.limits.keys()) if (!limits.has(key)) this.#goneAt.set(key, at)
  }

  /** What is wrong about where a run that was written waits now. */
  check(before: FlowRun | undefined, run: FlowRun, { limits }: Picture, { bornAt }: Pick<Step, 'bornAt'>): string[] {
    const stays = before && waits(before) && before.queueId === run.queueId && before.poolId === run.poolId
    if (stays || !waits(run)) return []
    const places: LimitKey[] = [`pool#${run.poolId}`, `queue#${run.queueId}`]
    return places.flatMap((key) => {
      const goneAt = this.#goneAt.get(key)
      if (goneAt === undefined || goneAt > bornAt || limits.has(key)) return []
      return [`I4 run ${run.id} has come to ${key}, which was gone before`]
    })
  }
}
