import type { CapacityProviderStrategyItem, LaunchType } from '@aws-sdk/client-ecs'
import type { LaunchVariables } from './launch-variables.ts'

/** What a task runs on. ECS takes a launch type or a strategy, never both. */
export interface Capacity {
  launchType?: LaunchType
  capacityProviderStrategy?: CapacityProviderStrategyItem[]
  /** The compatibility that the task definition must have. */
  kind: LaunchType
}

const FARGATE_PROVIDERS = new Set(['FARGATE', 'FARGATE_SPOT'])

/** Fargate by default. To ECS, Spot is a capacity provider rather than a launch type. */
export function capacityOf({ launch_type, capacity_provider_strategy }: LaunchVariables): Capacity {
  if (capacity_provider_strategy?.length) {
    const fargate = capacity_provider_strategy.every((item) => FARGATE_PROVIDERS.has(item.capacityProvider))
    return { capacityProviderStrategy: capacity_provider_strategy, kind: fargate ? 'FARGATE' : 'EC2' }
  }
  if (launch_type === 'FARGATE_SPOT') {
    return { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }], kind: 'FARGATE' }
  }
  const launchType = launch_type ?? 'FARGATE'
  return { launchType, kind: launchType }
}
