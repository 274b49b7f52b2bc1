import * as z from 'zod/mini'

/**
 * The environment of each function: one schema, which the stack is type-checked against and the function reads at its
 * first call. Lambda's variables are strings, so each schema takes strings, whatever it makes of them.
 */
const Text = z.string().check(z.minLength(1))
/** Words between commas; an empty text is an empty list. */
const List = z.pipe(
  z.string(),
  z.transform((text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean),
  ),
)
const NO_LIST = z.prefault(List, '')
const Count = z.pipe(z.string().check(z.regex(/^\d{1,6}$/)), z.transform(Number))

/** Looks API keys up in the table, and nothing else. */
export const AuthorizerEnv = z.object({ TABLE_NAME: Text })

/** What every function that drives the engine needs. */
const EngineEnv = z.object({
  TABLE_NAME: Text,
  WAKE_UP_QUEUE_URL: Text,
  /** Where launched tasks reach this service, `/api` included. */
  API_URL: Text,
})
export type EngineEnv = z.output<typeof EngineEnv>

export const ApiEnv = EngineEnv
export const TaskEventsEnv = EngineEnv

/** Where tasks run, and what of it job variables may choose. All of it is the operator's. */
const EcsEnv = z.extend(EngineEnv, {
  /** Name or ARN. */
  ECS_CLUSTER: Text,
  EXECUTION_ROLE_ARN: Text,
  TASK_ROLE_ARN: Text,
  /** Of the log group that every task writes to. */
  TASK_LOG_GROUP: Text,
  SUBNET_IDS: List,
  SECURITY_GROUP_IDS: List,
  ASSIGN_PUBLIC_IP: z._default(z.enum(['ENABLED', 'DISABLED']), 'DISABLED'),
  /** Beside the subnets and security groups above, job variables may name these. */
  ALLOWED_SUBNET_IDS: NO_LIST,
  ALLOWED_SECURITY_GROUP_IDS: NO_LIST,
  /** ARNs of secrets that job variables may refer to; a `*` at the end stands for any rest. */
  ALLOWED_SECRET_ARNS: NO_LIST,
  /** The secret with the API key that tasks report under; tasks get none without it. */
  API_KEY_SECRET_ARN: z.optional(Text),
  /** What the families of registered task definitions start with; the dispatcher's rights are on these names. */
  TASK_FAMILY_PREFIX: z._default(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,100}$/)), 'pushpool'),
  /** For runs whose job variables name no image. */
  DEFAULT_IMAGE: z.optional(Text),
  CPU_ARCHITECTURE: z._default(z.enum(['X86_64', 'ARM64']), 'X86_64'),
  /** Of one dispatcher; two may run at once. Fargate starts 20 tasks a second, and 100 in a burst. */
  LAUNCHES_PER_SECOND: z.prefault(Count, '10'),
  LAUNCH_BURST: z.prefault(Count, '50'),
})
export type EcsEnv = z.output<typeof EcsEnv>

export const DispatcherEnv = EcsEnv
/** The sweep repeats lost launches and asks what became of tasks, so it needs all that the dispatcher does. */
export const SweeperEnv = EcsEnv

/**
 * Reads a function's environment. Raises an error that names what is missing or wrong, without its value: variables end
 * up in logs.
 */
export function readEnv<S extends z.ZodMiniType>(schema: S, env: Record<string, string | undefined>): z.output<S> {
  const result = z.safeParse(schema, env)
  if (result.success) return result.data
  const names = result.error.issues.map((issue) => issue.path.join('.'))
  throw new Error(`Environment variables missing or unusable: ${[...new Set(names)].join(', ')}.`)
}
