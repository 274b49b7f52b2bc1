import type { Secret } from '@aws-sdk/client-ecs'
import type { EcsEnv } from '#shared/config.ts'
import type { LaunchVariables } from './launch-variables.ts'
import { NotAllowed } from './not-allowed.ts'

type SecretsEnv = Pick<EcsEnv, 'API_KEY_SECRET_ARN' | 'ALLOWED_SECRET_ARNS'>

/**
 * The secrets that ECS puts into a container's environment, by reference only: the API key of tasks, and those that job
 * variables name of the ones that the operator allows. A plain value of the same name takes the secret's place, as ECS
 * accepts no name twice. Raises NotAllowed.
 */
export function secretsOf(env: SecretsEnv, variables: LaunchVariables, plainEnv: Record<string, string>): Secret[] {
  const own = env.API_KEY_SECRET_ARN
  const named: Record<string, string | null | undefined> = {
    PREFECT_API_KEY: variables.prefect_api_key_secret_arn ?? own,
    PUSHPOOL_API_KEY: own,
    PREFECT_API_AUTH_STRING: variables.prefect_api_auth_string_secret_arn,
    ...variables.secrets,
  }
  const wanted = Object.entries(named).filter(([name]) => !Object.hasOwn(plainEnv, name))
  return checkedSecrets(env, Object.fromEntries(wanted))
}

/** Secrets by the names of environment variables, in ECS's form. Raises NotAllowed. */
export function checkedSecrets(env: SecretsEnv, named: Record<string, string | null | undefined>): Secret[] {
  return Object.entries(named)
    .flatMap(([name, valueFrom]) => (valueFrom ? [{ name, valueFrom }] : []))
    .map((secret) => checked(env, secret))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function checked(env: SecretsEnv, secret: { name: string; valueFrom: string }) {
  const { name, valueFrom } = secret
  const allowed = env.ALLOWED_SECRET_ARNS.some((pattern) =>
    pattern.endsWith('*') ? valueFrom.startsWith(pattern.slice(0, -1)) : valueFrom === pattern,
  )
  if (allowed || valueFrom === env.API_KEY_SECRET_ARN) return secret
  throw new NotAllowed('AccessDenied', `jobs may not read ${valueFrom}, the secret for ${name}`)
}
