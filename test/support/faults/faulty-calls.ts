import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Deps } from '#shared/deps.ts'

/** One call that leaves a process: a DynamoDB command, or a method of one of the ports. */
export interface OutsideCall {
  /** From 0, in the order in which the process made its calls. */
  index: number
  /** `dynamodb QueryCommand`, `tasks run`, `wakeUps send`. */
  name: string
  input: unknown
}

/** Stands between a process and the world: makes the call with `go`, or not, and returns what the process sees. */
export type Interceptor = <T>(call: OutsideCall, go: () => Promise<T>) => Promise<T>

/**
 * Deps whose every outside call goes through an interceptor. DynamoDB's commands are caught by an SDK middleware in
 * front of the SDK's own retries, so what is thrown there is what the code gets after they are used up.
 */
export function withInterceptor(deps: Deps, interceptor: Interceptor): Deps {
  let calls = 0
  const through = <T>(name: string, input: unknown, go: () => Promise<T>): Promise<T> => {
    const call = { index: calls, name, input }
    calls += 1
    return interceptor(call, go)
  }
  const { table, tasks, wakeUps } = deps
  return {
    ...deps,
    table: { ...table, client: interceptedClient(table.client, through) },
    tasks: {
      run: (request) => through('tasks run', request, () => tasks.run(request)),
      stop: (taskArn, reason) => through('tasks stop', taskArn, () => tasks.stop(taskArn, reason)),
      describe: (taskArns) => through('tasks describe', taskArns, () => tasks.describe(taskArns)),
      listStartedBy: (startedBy) => through('tasks list', startedBy, () => tasks.listStartedBy(startedBy)),
    },
    wakeUps: { send: (some) => through('wakeUps send', some, () => wakeUps.send(some)) },
  }
}

type Through = <T>(name: string, input: unknown, go: () => Promise<T>) => Promise<T>

/** The same client with a middleware stack of its own, so that processes share sockets but not faults. */
function interceptedClient(client: DynamoDBClient, through: Through): DynamoDBClient {
  const middlewareStack = client.middlewareStack.clone()
  middlewareStack.add(
    (next, context) => (args) => through(`dynamodb ${context.commandName}`, args.input, () => next(args)),
    { step: 'initialize', priority: 'high' },
  )
  return Object.assign(Object.create(client) as DynamoDBClient, { middlewareStack })
}

/** What can happen to a process at one of its calls. */
export const FAULTS = ['dies before', 'dies after', 'fails before', 'answer lost'] as const
export type Fault = (typeof FAULTS)[number]

/** Thrown into the code of a dead process. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied'
}

/** What a client library throws on a timeout, which leaves open whether the call was carried out. */
export function answerLost(name: string): Error {
  return Object.assign(new Error(`no answer to ${name} in time`), { name: 'TimeoutError' })
}

/** One run of some code in a process of its own, as one invocation of a Lambda function is. */
export interface Process {
  deps: Deps
  /** The names of the calls made, in order. */
  trace: string[]
  /** True once the fault has struck. */
  struck: () => boolean
  /** Resolves when no call is in progress. */
  idle: () => Promise<void>
}

/** Starts a process that is hit by a fault at its n-th call, if one is given. A dead process reaches nothing. */
export function startProcess(deps: Deps, hit?: { at: number; fault: Fault }): Process {
  const trace: string[] = []
  const underWay = new Set<Promise<unknown>>()
  let dead = false
  let struck = false
  const make = async <T>(name: string, go: () => Promise<T>): Promise<T> => {
    const answer = go()
    const settled = answer.then(
      () => undefined,
      () => undefined,
    )
    underWay.add(settled)
    const result = await answer.finally(() => underWay.delete(settled))
    if (dead) throw new ProcessDied(name)
    return result
  }
  const interceptor: Interceptor = async ({ index, name }, go) => {
    if (dead) throw new ProcessDied(name)
    trace.push(name)
    if (index !== hit?.at) return await make(name, go)
    struck = true
    switch (hit.fault) {
      case 'dies before':
        dead = true
        throw new ProcessDied(name)
      case 'dies after':
        await make(name, go)
        dead = true
        throw new ProcessDied(name)
      case 'fails before':
        throw answerLost(name)
      case 'answer lost':
        await make(name, go)
        throw answerLost(name)
    }
  }
  const idle = async () => {
    while (underWay.size > 0) await Promise.all(underWay)
  }
  return { deps: withInterceptor(deps, interceptor), trace, struck: () => struck, idle }
}
