import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { Step } from '../../machine/scheduler.ts'
import { waits } from '../judge.ts'
import type { Picture } from '../picture.ts'

/**
 * I4: no run comes to a pool or queue that was gone before whoever sends it there began, nor is one claimed by a client
 * whose deployment was.
 */
export class GonePlaces {
  readonly #goneAt = new Map<LimitKey, Instant>()
  readonly #deployments = new Map<string, Instant>()

  /** Notes what has gone with a write. */
  note(before: Picture, { limits, caps, leaving }: Picture, { at }: Pick<Step, 'at'>): void {
    if (before.leaving !== leaving) for (const id of leaving) if (!before.leaving.has(id)) this.#deployments.set(id, at)
    if (before.caps !== caps)
      for (const id of before.caps.keys()) if (!caps.has(id) && !before.leaving.has(id)) this.#deployments.set(id, at)
    if (before.limits === limits) return
    for (const key of before.limits.keys()) if (!limits.has(key)) this.#goneAt.set(key, at)
  }

  /** What is wrong about where a run that was written waits now. */
  check(before: FlowRun | undefined, run: FlowRun, picture: Picture, step: Pick<Step, 'bornAt'>): string[] {
    return [...this.#come(before, run, picture, step), ...this.#claimed(before, run, picture, step)]
  }

  #claimed(
    before: FlowRun | undefined,
    { id, generation, claim, deploymentId }: FlowRun,
    { caps, leaving }: Picture,
    { bornAt }: Pick<Step, 'bornAt'>,
  ): string[] {
    if (!before || generation === before.generation || claim?.by.kind !== 'client' || deploymentId === null) return []
    const goneAt = this.#deployments.get(deploymentId)
    if (goneAt === undefined || goneAt > bornAt || (caps.has(deploymentId) && !leaving.has(deploymentId))) return []
    return [`I4 run ${id} was claimed for deployment ${deploymentId}, which was gone, or going, before`]
  }

  #come(before: FlowRun | undefined, run: FlowRun, { limits }: Picture, { bornAt }: Pick<Step, 'bornAt'>): string[] {
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
