import { deploymentLimit, type LimitKey } from '#shared/limit/limit.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import type { Moment } from '../judge.ts'

/** Lets runs of a limited deployment wait in two push pools, by moving it while some are on their way. Returns its limit. */
export async function spread(fork: Fork, { picture, places }: Moment, chance: Chance): Promise<LimitKey | undefined> {
  const pools = [...places.pools.values()].filter(({ push }) => push)
  const limited = [...picture.caps].filter(([id, cap]) => cap !== null && places.deployments.has(id))
  const id = chance.pick(limited)?.[0]
  const [from, to] = chance.hits(0.5) ? pools : pools.toReversed()
  if (id === undefined || !from || !to) return undefined
  for (const { name } of [from, to]) {
    await fork.call('updateDeployment', { id }, { work_pool_name: name, work_queue_name: 'default' })
    for (let n = 0; n < 2; n += 1) await fork.call('createFlowRunFromDeployment', { id }, {})
  }
  for (let wave = 0; wave < 2; wave += 1) {
    await fork.deliver()
    fork.pass(1)
  }
  return deploymentLimit(id)
}
