import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import {
  IpAddresses,
  type ISecurityGroup,
  type IVpc,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { CfnClusterCapacityProviderAssociations, Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs'
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct, type IDependable } from 'constructs'
import { acknowledgeWildcards } from './wildcards.ts'

export interface ComputeProps {
  /** Where tasks run; by default a VPC of public subnets, without NAT. */
  vpc?: IVpc | undefined
  /** Which of the VPC's subnets tasks run in. Of a VPC of one's own: the private ones, if it has such. */
  subnets?: SubnetSelection | undefined
  /** Of tasks; by default a group without ingress. */
  securityGroups?: ISecurityGroup[] | undefined
  /** Without one, a task needs another way out (NAT, endpoints) to fetch its image and reach the API. */
  assignPublicIp?: boolean | undefined
  /** A cluster of one's own, in this account and region. */
  cluster?: { clusterArn: string; clusterName: string } | undefined
  /** What the commands in containers may do; nothing, if it is left to this stack. */
  taskRole?: IRole | undefined
  /** What ECS does for tasks: fetch images and secrets, write logs. */
  executionRole?: IRole | undefined
  /** Container Insights for the stack's cluster, which are billed. */
  containerInsights: boolean
  /** Secrets and parameters that ECS may put into tasks; a trailing `*` matches any suffix. */
  secretArns: readonly string[]
  /** Keeps the tasks' logs when the stack goes. */
  keep: boolean
}

/** What launched tasks run on, in and as. It costs nothing while no task runs. */
export class Compute extends Construct {
  readonly clusterArn: string
  readonly clusterName: string
  readonly subnetIds: string[]
  readonly securityGroupIds: string[]
  readonly assignPublicIp: boolean
  readonly taskRole: IRole
  readonly executionRole: IRole
  readonly logGroup: LogGroup
  /** What can wait until everything else is there. */
  #capacity: Construct | undefined

  constructor(scope: Construct, id: string, props: ComputeProps) {
    super(scope, id)
    const vpc = props.vpc ?? publicVpc(this)
    const subnets = vpc.selectSubnets(props.subnets ?? (props.vpc ? {} : { subnetType: SubnetType.PUBLIC }))
    this.subnetIds = subnets.subnetIds
    this.assignPublicIp = props.assignPublicIp ?? subnets.hasPublic
    const securityGroups = props.securityGroups ?? [closedGroup(this, vpc)]
    this.securityGroupIds = securityGroups.map(({ securityGroupId }) => securityGroupId)
    const cluster = props.cluster ?? this.#newCluster(vpc, props.containerInsights)
    this.clusterArn = cluster.clusterArn
    this.clusterName = cluster.clusterName
    this.logGroup = new LogGroup(this, 'TaskLogs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: props.keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    this.taskRole = props.taskRole ?? new Role(this, 'TaskRole', tasksMayBe('Permissions of commands: none by default'))
    this.executionRole = props.executionRole ?? this.#newExecutionRole(props.secretArns)
  }

  /**
   * Gives the cluster its capacity providers only after something that takes a while. The first cluster of an account
   * has ECS make a role for itself, and requesting providers before IAM has propagated it fails the deployment
   * (aws-cloudformation/cloudformation-coverage-roadmap#818).
   */
  settleAfter(slow: IDependable): void {
    this.#capacity?.node.addDependency(slow)
  }

  #newCluster(vpc: IVpc, containerInsights: boolean): Cluster {
    const cluster = new Cluster(this, 'Cluster', {
      vpc,
      containerInsightsV2: containerInsights ? ContainerInsights.ENABLED : ContainerInsights.DISABLED,
    })
    if (!containerInsights) {
      Validations.of(cluster).acknowledge({
        id: 'AwsSolutions-ECS4',
        reason: 'Container Insights is billed while the cluster exists, even without tasks; a context key turns it on.',
      })
    }
    // Job variables may ask for Spot, which is a capacity provider that a cluster must have.
    this.#capacity = new CfnClusterCapacityProviderAssociations(this, 'Capacity', {
      cluster: cluster.clusterName,
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [],
    })
    return cluster
  }

  #newExecutionRole(secretArns: readonly string[]): Role {
    const { partition, region, account } = Stack.of(this)
    const repositories = `arn:${partition}:ecr:${region}:${account}:repository/*`
    const role = new Role(
      this,
      'ExecutionRole',
      tasksMayBe('Lets ECS pull images, write logs and read secrets for tasks'),
    )
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources }))
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn])
    allow(['ecr:GetAuthorizationToken'], ['*'])
    allow(['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], [repositories])
    const [parameters, secrets] = [secretArns.filter(isParameter), secretArns.filter((arn) => !isParameter(arn))]
    if (secrets.length > 0) allow(['secretsmanager:GetSecretValue'], secrets)
    if (parameters.length > 0) allow(['ssm:GetParameters'], parameters)
    acknowledgeWildcards(role, ['*'], 'ecr:GetAuthorizationToken takes no resource.')
    acknowledgeWildcards(
      role,
      [repositories],
      'Job variables may name images in any repository of this account and region.',
    )
    const wide = secretArns.filter((arn) => arn.includes('*'))
    acknowledgeWildcards(role, wide, 'The operator chose these secret patterns for tasks.')
    return role
  }
}

const isParameter = (arn: string) => arn.split(':')[2] === 'ssm'

function tasksMayBe(description: string) {
  return { description, assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }
}

/** Public subnets and no NAT gateway, which would cost by the hour. Nothing can come in: no group lets it. */
function publicVpc(scope: Construct): IVpc {
  const vpc = new Vpc(scope, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
    maxAzs: 3,
    natGateways: 0,
    subnetConfiguration: [{ name: 'Tasks', subnetType: SubnetType.PUBLIC, cidrMask: 18, mapPublicIpOnLaunch: false }],
  })
  Validations.of(vpc).acknowledge({
    id: 'AwsSolutions-VPC7',
    reason: 'Flow logs are billed by volume, and tasks accept no connections. Bring your own VPC to have them.',
  })
  // CDK's classes do not fit its own interfaces under exactOptionalPropertyTypes.
  return vpc as IVpc
}

function closedGroup(scope: Construct, vpc: IVpc): SecurityGroup {
  const description = 'Tasks of work pools: any way out, no way in'
  return new SecurityGroup(scope, 'SecurityGroup', { vpc, description, allowAllOutbound: true })
}
