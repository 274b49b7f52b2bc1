import * as z from 'zod/mini'
import { NotAllowed } from './not-allowed.ts'

const Text = z.nullish(z.string())
const Texts = z.nullish(z.array(z.string()))

/**
 * The job variables that decide where and how a task runs, by the names of Prefect's ECS template, and two of our own.
 * Roles are not among them: choosing one would grant all of its permissions.
 */
const LaunchVariables = z.object({
  task_definition_arn: Text,
  cluster: Text,
  family: Text,
  launch_type: z.nullish(z.enum(['FARGATE', 'FARGATE_SPOT', 'EC2', 'EXTERNAL'])),
  capacity_provider_strategy: z.nullish(
    z.array(z.object({ capacityProvider: z.string(), weight: z.optional(z.number()), base: z.optional(z.number()) })),
  ),
  network_configuration: z.nullish(
    z.object({
      subnets: Texts,
      securityGroups: Texts,
      assignPublicIp: z.nullish(z.enum(['ENABLED', 'DISABLED'])),
    }),
  ),
  labels: z.nullish(z.record(z.string(), z.unknown())),
  prefect_api_key_secret_arn: Text,
  prefect_api_auth_string_secret_arn: Text,
  /** Ours: names of environment variables, with the ARNs of the secrets that ECS puts there. */
  secrets: z.nullish(z.record(z.string(), z.string())),
  /** Ours. */
  cpu_architecture: z.nullish(z.enum(['X86_64', 'ARM64'])),
})
export type LaunchVariables = z.output<typeof LaunchVariables>

/** Reads them; an empty text counts as none, as it does in forms. Raises NotAllowed for values that ECS can't take. */
export function parseLaunchVariables(configuration: Record<string, unknown>): LaunchVariables {
  const given = Object.entries(configuration).filter(([, value]) => value !== '')
  const result = z.safeParse(LaunchVariables, Object.fromEntries(given))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new NotAllowed('InvalidParameter', `job variable '${issue?.path.join('.')}': ${issue?.message}`)
}
