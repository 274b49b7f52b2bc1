import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Duration, RemovalPolicy, Token, Validations } from 'aws-cdk-lib'
import { PolicyStatement, type PolicyStatementProps, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  Code,
  type IDestination,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import * as z from 'zod/mini'
import type { EnvOf, FunctionName } from '#shared/config.ts'
import type { FunctionShape } from './function-shapes.ts'

/** What all functions of a pool have in common. */
export interface FunctionSettings {
  /** The folder with a bundle per function, as `npm run bundle` writes it. */
  bundles: string
  /** Keeps logs when the stack goes. */
  keep: boolean
}

export interface ServiceFunctionProps<E extends z.ZodMiniType> extends FunctionSettings, FunctionShape {
  name: FunctionName
  /** The schema that the function reads its environment with; the compiler holds `environment` against it. */
  env: E
  environment: EnvOf<E>
  /** Where failed ticks go; other invocations are synchronous. */
  onFailure?: IDestination | undefined
}

/** A tick that could not be worked off in a minute is not worth repeating: the next one does the same. */
const TICK_AGE = Duration.minutes(1)

/** One Lambda function from its bundle, under a role that may write its own logs and nothing else yet. */
export class ServiceFunction<E extends z.ZodMiniType = z.ZodMiniType> extends Construct {
  readonly lambda: LambdaFunction

  constructor(scope: Construct, id: string, props: ServiceFunctionProps<E>) {
    super(scope, id)
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: props.keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    this.lambda = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: codeOf(props),
      handler: 'index.handler',
      environment: environmentOf(this, props),
      memorySize: props.memorySize,
      timeout: props.timeout,
      role,
      logGroup,
      ...(props.wakesItself ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      ...(props.reservedConcurrency ? { reservedConcurrentExecutions: props.reservedConcurrency } : {}),
      ...(props.onFailure ? { onFailure: props.onFailure, maxEventAge: TICK_AGE, retryAttempts: 1 } : {}),
    })
    this.allow({
      sid: 'Logs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    })
    acknowledge(this.lambda, props.onFailure !== undefined)
  }

  /** Lets the function do these things to these resources. */
  allow(statement: PolicyStatementProps): void {
    this.lambda.addToRolePolicy(new PolicyStatement(statement))
  }
}

/**
 * Checks the values that are known by now; the others are ARNs and names that AWS gives. The function would refuse a
 * wrong one too, but only at its first call.
 */
function environmentOf<E extends z.ZodMiniType>(
  scope: Construct,
  { name, env, environment }: ServiceFunctionProps<E>,
): Record<string, string> {
  const entries = Object.entries(environment as Record<string, string | undefined>)
  const values = Object.fromEntries(entries.filter((each): each is [string, string] => each[1] !== undefined))
  const issues = z.safeParse(env, values).error?.issues ?? []
  const known = issues.filter(({ path }) => !Token.isUnresolved(values[String(path[0])]))
  scope.node.addValidation({
    validate: () => known.map(({ path, message }) => `Environment of ${name}: ${path.join('.')}: ${message}`),
  })
  return values
}

function codeOf({ bundles, name }: { bundles: string; name: string }): Code {
  const folder = join(bundles, name)
  if (!existsSync(join(folder, 'index.mjs'))) {
    throw new Error(`No bundle of the function ${name} in ${bundles}. Run: npm run bundle`)
  }
  // esbuild's report of what is in the bundle; Lambda has no use for it.
  return Code.fromAsset(folder, { exclude: ['meta.json'] })
}

function acknowledge(lambda: LambdaFunction, hasDestination: boolean): void {
  const tracing = 'Log lines carry request, pool and run; tracing every tick would cost more than the ticks.'
  Validations.of(lambda).acknowledge({ id: 'Serverless-LambdaTracing', reason: tracing })
  const destination = 'Failed ticks go to the failure destination, which receives more detail than a queue.'
  const waited = 'It is invoked synchronously: by API Gateway, or by Lambda for a queue with dead letters.'
  Validations.of(lambda).acknowledge({ id: 'Serverless-LambdaDLQ', reason: hasDestination ? destination : waited })
  if (hasDestination) return
  Validations.of(lambda).acknowledge({ id: 'Serverless-LambdaAsyncFailureDestination', reason: waited })
}
