import { EcsFault } from './ecs-fault.ts'

export type Json = Record<string, unknown>

export interface Definition extends Json {
  taskDefinitionArn: string
  family: string
  status: string
  networkMode: string
  containerDefinitions: { name: string; secrets?: { name: string }[] }[]
}

interface RunTaskInput {
  clientToken?: string
  startedBy?: string
  launchType?: string
  capacityProviderStrategy?: unknown[]
  networkConfiguration?: { awsvpcConfiguration: { subnets: string[]; assignPublicIp: string } }
  overrides?: { containerOverrides: { name: string; environment?: { name: string }[] }[]; taskRoleArn?: string }
  tags?: { key: string; value: string }[]
}

function rule(holds: boolean, message: string): void {
  if (!holds) throw new EcsFault('InvalidParameterException', message)
}

/** The documented rules of RunTask that a careless adapter would break. */
export function checkRunTask(json: Json, definition: Definition): void {
  const input = json as RunTaskInput
  rule((input.clientToken ?? '').length <= 64, 'clientToken is longer than 64 characters')
  rule(/^[\w/-]{0,128}$/.test(input.startedBy ?? ''), 'startedBy is no such name')
  rule(
    !(input.launchType && input.capacityProviderStrategy),
    'launch type and capacity provider strategy exclude each other',
  )
  rule(input.launchType !== 'FARGATE_SPOT', 'FARGATE_SPOT is no launch type')
  const network = input.networkConfiguration?.awsvpcConfiguration
  const awsvpc = definition.networkMode === 'awsvpc'
  rule(awsvpc === Boolean(network?.subnets.length), 'network configuration goes with awsvpc, and with nothing else')
  rule(JSON.stringify(input.overrides ?? {}).length <= 8192, 'overrides are longer than 8192 characters')
  for (const { name, environment = [] } of input.overrides?.containerOverrides ?? []) {
    const container = definition.containerDefinitions.find((one) => one.name === name)
    rule(container !== undefined, `Override for container named ${name} is not a container in the TaskDefinition.`)
    const secrets = new Set(container?.secrets?.map((secret) => secret.name))
    rule(!environment.some((variable) => secrets.has(variable.name)), 'a secret and a variable share a name')
  }
  const tags = input.tags ?? []
  rule(tags.length <= 50 && new Set(tags.map(({ key }) => key)).size === tags.length, 'too many tags, or one twice')
  const tidy = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
  rule(
    tags.every(({ key, value }) => tidy.test(key) && tidy.test(value) && !key.startsWith('aws:')),
    'no such tag',
  )
}

/** The rules of RegisterTaskDefinition that matter for Fargate. */
export function checkRegistration(input: Json): void {
  rule(/^[\w-]{1,255}$/.test(String(input.family)), 'family is no such name')
  const fargate = (input.requiresCompatibilities as string[] | undefined)?.includes('FARGATE') ?? false
  const complete = input.networkMode === 'awsvpc' && Boolean(input.cpu) && Boolean(input.memory)
  if (fargate && !complete) throw new EcsFault('ClientException', 'Fargate needs awsvpc, cpu and memory')
}
