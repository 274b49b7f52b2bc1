import * as z from 'zod/mini'

/** Context comes as text from the command line (`-c key=value`), and as JSON from cdk.json. */
const Text = z.optional(z.string().check(z.minLength(1)))
const Switch = z.optional(
  z.pipe(
    z.union([z.boolean(), z.enum(['true', 'false'])], { error: 'must be true or false' }),
    z.transform((value) => value === true || value === 'true'),
  ),
)
const Amount = z.optional(
  z.pipe(
    z.union([z.number(), z.pipe(z.string().check(z.regex(/^\d+(?:\.\d+)?$/)), z.transform(Number))], {
      error: 'must be a number',
    }),
    z.number().check(z.gt(0)),
  ),
)
/** Words separated by commas, or a JSON array of them. */
const List = z.optional(
  z.pipe(
    z.union([z.string(), z.array(z.string())]),
    z.transform((value) => (typeof value === 'string' ? value.split(',') : value).map((word) => word.trim())),
  ),
)

/** The stack's context; every key is optional. docs/operations.md explains each. */
export const Context = z.object({
  stackName: Text,
  throwaway: Switch,
  tableName: Text,
  vpcId: Text,
  subnetIds: List,
  securityGroupIds: List,
  assignPublicIp: Switch,
  clusterArn: Text,
  taskRoleArn: Text,
  executionRoleArn: Text,
  containerInsights: Switch,
  defaultImage: Text,
  cpuArchitecture: z.optional(z.enum(['X86_64', 'ARM64'])),
  apiKeySecretArn: Text,
  allowedSubnetIds: List,
  allowedSecurityGroupIds: List,
  allowedSecretArns: List,
  launchesPerSecond: Amount,
  launchBurst: Amount,
  domainName: Text,
  certificateArn: Text,
  requestsPerSecond: Amount,
  requestBurst: Amount,
  reserveConcurrency: Switch,
  alarmTopicArn: Text,
})
export type Context = z.output<typeof Context>

/** Keys that mean nothing without each other. */
const TOGETHER: readonly (readonly (keyof Context)[])[] = [
  ['vpcId', 'subnetIds'],
  ['domainName', 'certificateArn'],
]

/** Reads the context; raises an error that names every key that is wrong. */
export function parseContext(get: (key: string) => unknown): Context {
  const given = Object.keys(Context.shape).map((key): [string, unknown] => [key, get(key)])
  const result = z.safeParse(Context, Object.fromEntries(given))
  const problems = (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
  const { data } = result
  for (const keys of data ? TOGETHER : []) {
    const missing = keys.filter((key) => data?.[key] === undefined)
    if (missing.length > 0 && missing.length < keys.length)
      problems.push(`${missing.join()}: needed with ${keys.join()}`)
  }
  if (!data || problems.length > 0) throw new Error(`Invalid context. ${problems.join('; ')}`)
  return data
}
