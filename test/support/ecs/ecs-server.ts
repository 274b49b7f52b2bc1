import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { onTestFinished } from 'vitest'
import { EcsFault } from './ecs-fault.ts'
import { checkRegistration, checkRunTask, type Definition, type Json } from './ecs-rules.ts'

const REGION = 'arn:aws:ecs:us-east-1:123456789012'
export const CLUSTER_ARN = `${REGION}:cluster/pushpool`

export interface ServerTask extends Json {
  taskArn: string
  startedBy: string
  lastStatus: string
  desiredStatus: string
  version: number
}

/** What to do once instead of responding properly. */
export type Trouble =
  /** The response is this, and nothing happens. */
  | { answer: Json }
  | { error: string; message?: string; status?: number; resourceIds?: string[] }
  /** It happens, but the connection breaks before the response. */
  | 'lost-answer'

type Handler = (input: Json) => Json

/** ECS as far as the adapter uses it, over its JSON protocol; enforces its rules where they matter, and fails on demand. */
export class EcsServer {
  readonly calls: { action: string; input: Json }[] = []
  readonly tasks = new Map<string, ServerTask>()
  readonly definitions = new Map<string, Definition>()
  /** Tasks on a page of ListTasks. */
  pageSize = 100
  readonly #troubles = new Map<string, Trouble[]>()
  readonly #tokens = new Map<string, { input: Json; taskArn: string }>()
  readonly #server: Server
  readonly #handlers: Record<string, Handler> = {
    RunTask: (input) => this.#runTask(input),
    StopTask: (input) => this.#stopTask(input),
    DescribeTasks: (input) => this.#describeTasks(input),
    ListTasks: (input) => this.#listTasks(input),
    RegisterTaskDefinition: (input) => this.#register(input),
    DescribeTaskDefinition: ({ taskDefinition }) => ({ taskDefinition: this.#definition(String(taskDefinition)) }),
  }

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async open(): Promise<EcsServer> {
    const server = new EcsServer()
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    onTestFinished(() => {
      server.#server.closeAllConnections()
      server.#server.close()
    })
    return server
  }

  get endpoint(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }

  /** Makes the next calls of an action fail, one after the other. */
  trouble(action: string, ...troubles: Trouble[]): void {
    this.#troubles.set(action, [...(this.#troubles.get(action) ?? []), ...troubles])
  }

  /** Ends all failures. */
  calm(): void {
    this.#troubles.clear()
  }

  callsOf(action: string): Json[] {
    return this.calls.filter((call) => call.action === action).map(({ input }) => input)
  }

  /** Deregisters a task definition, as by hand. */
  deregister(arn: string): void {
    const definition = this.definitions.get(arn)
    if (definition) definition.status = 'INACTIVE'
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? ''
    const input = JSON.parse(Buffer.concat(chunks).toString()) as Json
    this.calls.push({ action, input })
    const trouble = this.#troubles.get(action)?.shift()
    try {
      if (typeof trouble === 'object' && 'error' in trouble) throw new EcsFault(trouble.error, trouble.message, trouble)
      const answer = typeof trouble === 'object' ? trouble.answer : this.#handle(action, input)
      if (trouble === 'lost-answer') response.destroy()
      else reply(response, 200, answer)
    } catch (error) {
      if (!(error instanceof EcsFault)) throw error
      reply(response, error.status, { __type: error.name, message: error.message, resourceIds: error.resourceIds })
    }
  }

  #handle(action: string, input: Json): Json {
    const handler = this.#handlers[action]
    if (!handler) throw new EcsFault('UnknownOperationException')
    if ('cluster' in input && input.cluster !== CLUSTER_ARN) throw new EcsFault('ClusterNotFoundException')
    return handler(input)
  }

  #runTask(input: Json): Json {
    const token = String(input.clientToken)
    const before = this.#tokens.get(token)
    if (before && !isDeepStrictEqual(before.input, input)) {
      throw new EcsFault('ConflictException', 'used with other parameters', { resourceIds: [before.taskArn] })
    }
    if (before) return { tasks: [this.tasks.get(before.taskArn)], failures: [] }
    const definition = this.#definition(String(input.taskDefinition))
    if (definition.status !== 'ACTIVE') throw new EcsFault('ClientException', 'TaskDefinition is inactive')
    checkRunTask(input, definition)
    const taskArn = `${REGION}:task/pushpool/${String(this.tasks.size + 1).padStart(32, '0')}`
    const task: ServerTask = {
      taskArn,
      startedBy: String(input.startedBy),
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      version: 1,
      taskDefinitionArn: definition.taskDefinitionArn,
      containers: definition.containerDefinitions.map(({ name }) => ({ name, lastStatus: 'PENDING' })),
      tags: input.tags,
    }
    this.tasks.set(taskArn, task)
    this.#tokens.set(token, { input, taskArn })
    return { tasks: [task], failures: [] }
  }

  #stopTask({ task: taskArn, reason }: Json): Json {
    const task = this.tasks.get(String(taskArn))
    if (!task) throw new EcsFault('InvalidParameterException', 'The referenced task was not found.')
    const end = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stopCode: 'UserInitiated', stoppedReason: reason }
    if (task.lastStatus !== 'STOPPED')
      Object.assign(task, end, { version: task.version + 1, stoppedAt: 1_768_478_400.5 })
    return { task }
  }

  #describeTasks(input: Json): Json {
    const arns = input.tasks as string[]
    if (arns.length > 100) throw new EcsFault('InvalidParameterException', 'Tasks cannot be more than 100.')
    const missing = arns.filter((arn) => !this.tasks.has(arn))
    return {
      tasks: arns.flatMap((arn) => this.tasks.get(arn) ?? []),
      failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
    }
  }

  #listTasks(input: Json): Json {
    const { startedBy, desiredStatus = 'RUNNING', nextToken = '0' } = input
    const filters = ['family', 'serviceName', 'containerInstance', 'launchType'].filter((name) => name in input)
    if (filters.length > 0) throw new EcsFault('InvalidParameterException', 'startedBy takes no other filter')
    const found = [...this.tasks.values()].filter(
      (task) => task.startedBy === startedBy && task.desiredStatus === desiredStatus,
    )
    const from = Number(nextToken)
    const page = found.slice(from, from + this.pageSize).map(({ taskArn }) => taskArn)
    const more = from + this.pageSize < found.length ? { nextToken: String(from + this.pageSize) } : {}
    return { taskArns: page, ...more }
  }

  #register(input: Json): Json {
    checkRegistration(input)
    const family = String(input.family)
    const revision = [...this.definitions.values()].filter((one) => one.family === family).length + 1
    const taskDefinitionArn = `${REGION}:task-definition/${family}:${revision}`
    const definition = { ...input, family, taskDefinitionArn, revision, status: 'ACTIVE' } as unknown as Definition
    this.definitions.set(taskDefinitionArn, definition)
    return { taskDefinition: definition }
  }

  #definition(arn: string): Definition {
    const definition = this.definitions.get(arn)
    if (!definition) throw new EcsFault('ClientException', 'TaskDefinition not found.')
    return definition
  }
}

function reply(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
}
