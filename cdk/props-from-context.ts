import { Validations } from 'aws-cdk-lib'
import { type ISubnet, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2'
import { Cluster } from 'aws-cdk-lib/aws-ecs'
import { Role } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import type { Context } from './context.ts'
import type { PushPoolProps } from './push-pool.ts'

/** Finds what the context names by id or ARN. Nothing is looked up, so this needs neither credentials nor a network. */
export function propsFromContext(scope: Construct, context: Context): PushPoolProps {
  const { domainName, certificateArn, taskRoleArn, executionRoleArn, clusterArn, alarmTopicArn } = context
  // What a role of yours may do is yours to say, so none of this stack's policies is put on it.
  const roleOf = (id: string, arn: string) => Role.fromRoleArn(scope, id, arn, { mutable: false })
  return {
    ...context,
    ...network(scope, context),
    domain: domainName && certificateArn ? { name: domainName, certificateArn } : undefined,
    cluster: clusterArn ? Cluster.fromClusterArn(scope, 'GivenCluster', clusterArn) : undefined,
    taskRole: taskRoleArn ? roleOf('GivenTaskRole', taskRoleArn) : undefined,
    executionRole: executionRoleArn ? roleOf('GivenExecutionRole', executionRoleArn) : undefined,
    alarmTopic: alarmTopicArn ? Topic.fromTopicArn(scope, 'GivenTopic', alarmTopicArn) : undefined,
  }
}

function network(scope: Construct, { vpcId, subnetIds, securityGroupIds }: Context): PushPoolProps {
  const securityGroups = securityGroupIds?.map((id) => SecurityGroup.fromSecurityGroupId(scope, id, id))
  if (!vpcId || !subnetIds) return { securityGroups }
  return {
    securityGroups,
    // CDK requires zones; nothing here reads them.
    vpc: Vpc.fromVpcAttributes(scope, 'GivenVpc', { vpcId, availabilityZones: ['any'] }),
    subnets: { subnets: subnetIds.map((id) => subnetOf(scope, id)) },
  }
}

function subnetOf(scope: Construct, id: string): ISubnet {
  const subnet = Subnet.fromSubnetId(scope, id, id)
  const reason = 'The route table is never read.'
  Validations.of(subnet).acknowledge({ id: '@aws-cdk/aws-ec2:noSubnetRouteTableId', reason })
  return subnet
}
