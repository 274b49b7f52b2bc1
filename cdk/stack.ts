import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { VERSION } from '#shared/version.ts'
import { type Context, parseContext } from './context.ts'
import { propsFromContext } from './props-from-context.ts'
import { PushPool } from './push-pool.ts'

export interface PushPoolStackProps extends StackProps {
  /** The folder with a bundle per function. */
  bundles: string
}

/** A stack with one pushpool in it, as the context wants it, and what its operator has to know. */
export class PushPoolStack extends Stack {
  readonly pool: PushPool

  constructor(scope: Construct, { bundles, ...props }: PushPoolStackProps) {
    const context = parseContext((key): unknown => scope.node.tryGetContext(key))
    super(scope, context.stackName ?? 'pushpool', {
      description: `pushpool ${VERSION}: work pools on serverless AWS`,
      terminationProtection: !context.throwaway,
      ...props,
    })
    this.pool = this.#newPool(context, bundles)
    this.#sayWhatToKnow()
  }

  #newPool(context: Context, bundles: string): PushPool {
    const props = propsFromContext(this, context)
    return new PushPool(this, 'PushPool', { ...props, bundles, name: this.stackName })
  }

  #sayWhatToKnow(): void {
    const { api, table, compute } = this.pool
    const { tableName } = table.table
    const key = `npm run -s key -- create --name admin --scope admin --table ${tableName} --region ${this.region}`
    this.#output('ApiUrl', api.url, "The API's URL, for PREFECT_API_URL and other clients")
    this.#output('FirstKey', key, 'Command that creates the first API key; it is shown once')
    this.#output('TableName', tableName, 'The DynamoDB table')
    this.#output('ClusterArn', compute.clusterArn, 'The ECS cluster that tasks run in')
    this.#output('TaskLogGroup', compute.logGroup.logGroupName, 'The log group of task output')
    if (api.domainTarget) this.#output('DomainTarget', api.domainTarget, "Target of your domain's CNAME record")
  }

  #output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description })
  }
}
