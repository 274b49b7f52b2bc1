import { Duration } from 'aws-cdk-lib'
import type { FunctionName } from '#shared/config.ts'

export interface FunctionShape {
  description: string
  /** MiB; CPU comes in proportion, a whole one at 1769. */
  memorySize: number
  timeout: Duration
  /** Its reserved invocations, if enabled; none for functions that a flood of requests would use up. */
  reservedConcurrency?: number
  /** Whether the schedule invokes it. */
  ticks?: boolean
  /**
   * Whether a message that it takes may lead it to send one to itself. Lambda ends such a chain after some 16 invocations,
   * and moves the message to the dead letters, unless the function allows it
   * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html). The SDK carries the count along. Chains
   * through ECS and EventBridge are not counted.
   */
  wakesItself?: boolean
}

/** Invocations by wake-ups at once; SQS allows no fewer. The tick comes on top, but seldom finds much to launch. */
export const DISPATCHERS_AT_ONCE = 2
/** Fargate's 20 starts a second make some 100 events a second, of some 40 ms each. */
export const TASK_EVENTS_AT_ONCE = 10

/** How large each function is and how long it may take. */
export const SHAPES = {
  authorizer: {
    description: 'Authenticates callers of the HTTP API by their API keys',
    memorySize: 256,
    // API Gateway waits this long for an authorizer.
    timeout: Duration.seconds(10),
  },
  api: {
    description: 'Serves the HTTP API',
    // Half of it would do when warm; a cold start is twice as fast like this, and callers wait for it.
    memorySize: 512,
    // API Gateway waits 30 seconds for an answer.
    timeout: Duration.seconds(29),
  },
  dispatcher: {
    description: 'Hands out due runs of push pools and launches them',
    memorySize: 512,
    // It begins nothing new after 40 seconds; what it has claimed by then may launch for 30 more.
    timeout: Duration.seconds(90),
    reservedConcurrency: DISPATCHERS_AT_ONCE + 2,
    ticks: true,
    // Each dispatch orders the next: for the run that is due next, and for what a claim has left.
    wakesItself: true,
  },
  'task-events': {
    description: 'Applies ECS task state changes to runs',
    memorySize: 256,
    timeout: Duration.seconds(30),
    reservedConcurrency: TASK_EVENTS_AT_ONCE,
  },
  sweeper: {
    description: 'Repairs the effects of lost messages, lost events and crashes',
    memorySize: 256,
    timeout: Duration.seconds(120),
    reservedConcurrency: 2,
    ticks: true,
  },
} as const satisfies Record<FunctionName, FunctionShape>
