import { Stack } from 'aws-cdk-lib'
import type { Compute } from './compute.ts'
import type { ServiceFunction } from './service-function.ts'
import { acknowledgeWildcards } from './wildcards.ts'

/**
 * Lets a function launch tasks on this cluster, of these families, under these two roles, and ask after and stop them.
 * Only the dispatcher does, and the sweeper, which repeats lost launches.
 */
export function allowTasks(
  to: ServiceFunction,
  { clusterArn, clusterName, taskRole, executionRole }: Compute,
  familyPrefix: string,
): void {
  const { partition, region, account } = Stack.of(to)
  const ecs = `arn:${partition}:ecs:${region}:${account}`
  const definitions = `${ecs}:task-definition/${familyPrefix}-*:*`
  const tasks = `${ecs}:task/${clusterName}/*`
  const onCluster = { ArnEquals: { 'ecs:cluster': clusterArn } }
  to.allow({ sid: 'RunTask', actions: ['ecs:RunTask'], resources: [definitions], conditions: onCluster })
  to.allow({
    sid: 'TaskFate',
    actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
    resources: [tasks],
    conditions: onCluster,
  })
  // For lack of a resource, the condition says which cluster.
  to.allow({ sid: 'ListTasks', actions: ['ecs:ListTasks'], resources: ['*'], conditions: onCluster })
  // AWS offers neither resource nor condition here. What is registered can only be run by the rules above, and under
  // the roles below.
  to.allow({ sid: 'RegisterTaskDefinition', actions: ['ecs:RegisterTaskDefinition'], resources: ['*'] })
  to.allow({
    sid: 'TagLaunchedTasks',
    actions: ['ecs:TagResource'],
    resources: [tasks],
    conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
  })
  to.allow({
    sid: 'PassRole',
    actions: ['iam:PassRole'],
    resources: [taskRole.roleArn, executionRole.roleArn],
    conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  })
  acknowledgeWildcards(
    to,
    ['*'],
    'ListTasks is limited to the cluster by a condition; RegisterTaskDefinition takes no resource.',
  )
  acknowledgeWildcards(to, [definitions], 'Task definitions are registered on demand; their families share a prefix.')
  acknowledgeWildcards(to, [tasks], 'Tasks get their ids when they start.')
}
