import type { AwsVpcConfiguration } from '@aws-sdk/client-ecs'
import type { EcsEnv } from '#shared/config.ts'
import type { LaunchVariables } from './launch-variables.ts'
import { NotAllowed } from './not-allowed.ts'

type NetworkEnv = Pick<
  EcsEnv,
  'SUBNET_IDS' | 'SECURITY_GROUP_IDS' | 'ASSIGN_PUBLIC_IP' | 'ALLOWED_SUBNET_IDS' | 'ALLOWED_SECURITY_GROUP_IDS'
>

/**
 * The network of a task: the operator's, or what job variables choose of the subnets and security groups that the
 * operator allows. A public address can be given up, but not taken. Undefined where the host's network is used: outside
 * Fargate, unless job variables ask for one. Raises NotAllowed.
 */
export function networkOf(
  env: NetworkEnv,
  { network_configuration: requested }: LaunchVariables,
  onFargate: boolean,
): AwsVpcConfiguration | undefined {
  const configured = Boolean(
    requested?.subnets?.length || requested?.securityGroups?.length || requested?.assignPublicIp,
  )
  if (!onFargate && !configured) return undefined
  const assignPublicIp = env.ASSIGN_PUBLIC_IP ? 'ENABLED' : 'DISABLED'
  if (requested?.assignPublicIp === 'ENABLED' && !env.ASSIGN_PUBLIC_IP) {
    throw new NotAllowed('AccessDenied', "job variable 'network_configuration': public IP addresses are not allowed")
  }
  return {
    subnets: choose('subnets', requested?.subnets, env.SUBNET_IDS, env.ALLOWED_SUBNET_IDS),
    securityGroups: choose(
      'securityGroups',
      requested?.securityGroups,
      env.SECURITY_GROUP_IDS,
      env.ALLOWED_SECURITY_GROUP_IDS,
    ),
    // ECS refuses public addresses outside Fargate.
    assignPublicIp: onFargate ? (requested?.assignPublicIp ?? assignPublicIp) : 'DISABLED',
  }
}

function choose(
  name: string,
  requested: readonly string[] | null | undefined,
  own: readonly string[],
  allowed: readonly string[],
): string[] {
  if (!requested?.length) return [...own]
  const refused = requested.find((id) => !own.includes(id) && !allowed.includes(id))
  if (refused) {
    throw new NotAllowed('AccessDenied', `job variable 'network_configuration.${name}': ${refused} is not allowed`)
  }
  return [...requested]
}
