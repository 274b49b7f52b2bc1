import type { LimitKey } from '#shared/limit/limit.ts'
import type { LimitItem, Picture } from '../picture.ts'

/** A pool's limit, and its epoch at some time. */
type Epochs = ReadonlyMap<LimitKey, Pick<LimitItem, 'epoch' | 'life'>>

/** I2: before a first limit counts its holders, no claim can come any more that has not seen it. */
export class FirstLimits {
  /** By limit, the epochs of the pools that were there when it was created. */
  readonly #created = new Map<LimitKey, Epochs>()

  /** What is wrong about the limits that were written. */
  check(before: Picture, { limits }: Picture): string[] {
    if (before.limits === limits) return []
    return [...limits.values()].flatMap((limit) => {
      const was = before.limits.get(limit.key)
      if (!limit.counting || was === limit) return []
      if (!was) this.#created.set(limit.key, epochsOf(limits))
      const isFirstLook = limit.lookedAt && was?.lookedAt === false
      return isFirstLook ? this.#unbarred(limit.key, limits) : []
    })
  }

  #unbarred(key: LimitKey, limits: Picture['limits']): string[] {
    return [...(this.#created.get(key) ?? [])].flatMap(([pool, { epoch, life }]) => {
      const now = limits.get(pool)
      if (!now || now.life !== life || now.epoch > epoch) return []
      return [`I2 ${key} counts its holders, and ${pool} still accepts claims that have not seen it`]
    })
  }
}

function epochsOf(limits: Picture['limits']): Epochs {
  return new Map([...limits].filter(([key]) => key.startsWith('pool#')))
}
