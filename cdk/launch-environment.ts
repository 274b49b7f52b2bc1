import type { DispatcherEnv, EnvOf, TaskEventsEnv } from '#shared/config.ts'
import type { Compute } from './compute.ts'
import { DISPATCHERS_AT_ONCE } from './function-shapes.ts'

/** Where and as what tasks run is the operator's; of these things job variables may choose. */
export interface LaunchProps {
  /** For runs whose job variables name no image. */
  defaultImage?: string | undefined
  /** Of tasks; X86_64 by default. */
  cpuArchitecture?: 'X86_64' | 'ARM64' | undefined
  /** A secret that holds the API key of tasks. */
  apiKeySecretArn?: string | undefined
  /** Subnets that job variables may choose beside the pool's own. */
  allowedSubnetIds: readonly string[]
  /** Security groups that job variables may choose beside the pool's own. */
  allowedSecurityGroupIds: readonly string[]
  /** Secrets and parameters that job variables may put into tasks; a `*` at the end stands for any rest. */
  allowedSecretArns: readonly string[]
  /** ECS tasks that the account may start a second; 20 by default. */
  launchesPerSecond: number
  /** How many of them at once; 100 by default. */
  launchBurst: number
  /** What the families of task definitions start with; the right to run tasks is on these names. */
  familyPrefix: string
}

type LaunchEnv = Omit<EnvOf<typeof DispatcherEnv>, keyof EnvOf<typeof TaskEventsEnv>>

/** What a function must know to launch tasks. */
export function launchEnvironment(compute: Compute, launches: LaunchProps): LaunchEnv {
  return {
    CLUSTER_ARN: compute.clusterArn,
    SUBNET_IDS: compute.subnetIds.join(','),
    SECURITY_GROUP_IDS: compute.securityGroupIds.join(','),
    ASSIGN_PUBLIC_IP: compute.assignPublicIp ? 'true' : 'false',
    TASK_ROLE_ARN: compute.taskRole.roleArn,
    EXECUTION_ROLE_ARN: compute.executionRole.roleArn,
    TASK_LOG_GROUP: compute.logGroup.logGroupName,
    TASK_FAMILY_PREFIX: launches.familyPrefix,
    DEFAULT_IMAGE: launches.defaultImage,
    CPU_ARCHITECTURE: launches.cpuArchitecture,
    API_KEY_SECRET_ARN: launches.apiKeySecretArn,
    ALLOWED_SUBNET_IDS: launches.allowedSubnetIds.join(','),
    ALLOWED_SECURITY_GROUP_IDS: launches.allowedSecurityGroupIds.join(','),
    ALLOWED_SECRET_ARNS: launches.allowedSecretArns.join(','),
    // Each dispatcher spends its own share of the account's rate; ECS refuses what is too much, and it waits then.
    LAUNCHES_PER_SECOND: String(launches.launchesPerSecond / DISPATCHERS_AT_ONCE),
    LAUNCH_BURST: String(launches.launchBurst / DISPATCHERS_AT_ONCE),
  }
}
