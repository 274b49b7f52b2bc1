import * as z from 'zod/mini'

/** The functions, by the names of their folders and of their bundles. */
export const FUNCTION_NAMES = ['api', 'authorizer', 'dispatcher', 'task-events', 'sweeper'] as const
export type FunctionName = (typeof FUNCTION_NAMES)[number]

/**
 * The environment of each function. The stack is checked against these when it is compiled, and the function when it is
 * first called.
 */
const Text = z.string().check(z.minLength(1))
const Switch = z.pipe(
  z.enum(['true', 'false']),
  z.transform((text) => text === 'true'),
)
/** A number above zero, written in decimal digits. */
const PositiveNumber = z.pipe(
  z.string().check(
    z.regex(/^\d+(?:\.\d+)?$/),
    z.refine((text) => Number(text) > 0, 'must be above 0'),
  ),
  z.transform(Number),
)
const Arn = z.string().check(z.regex(/^arn:[\w-]+:[\w-]+:/, 'must be an ARN'))
const HttpUrl = z.string().check(z.regex(/^https?:\/\/[^\s]+$/, 'must be an http or https URL'))
/** Words separated by commas; an empty text is an empty list. */
const List = z.pipe(
  z.string(),
  z.transform((text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean),
  ),
)
const ListOrNone = z.prefault(List, '')

const FunctionEnv = {
  /** The name of this pushpool within its account and region: a dimension of its metrics. */
  STACK_NAME: Text,
  TABLE_NAME: Text,
}
const EngineEnv = {
  ...FunctionEnv,
  WAKE_UP_QUEUE_URL: HttpUrl,
  /** Where launched tasks reach the API, `/api` included. */
  API_URL: HttpUrl,
}

export const AuthorizerEnv = z.object({ ...FunctionEnv, REQUIRE_KEYS: Switch })

/** The API has no ECS permissions: it never launches or stops anything itself. */
export const ApiEnv = z.object({ ...EngineEnv, REQUIRE_KEYS: Switch })
/** Nor does this one: it leaves stops to the dispatcher. */
export const TaskEventsEnv = z.object(EngineEnv)

/** Where and as what tasks run, and what of it job variables may choose. All of it is the operator's. */
export const DispatcherEnv = z.object({
  ...EngineEnv,
  CLUSTER_ARN: Arn,
  /** Subnets and security groups of the tasks. */
  SUBNET_IDS: List,
  SECURITY_GROUP_IDS: List,
  ASSIGN_PUBLIC_IP: Switch,
  TASK_ROLE_ARN: Arn,
  EXECUTION_ROLE_ARN: Arn,
  /** The log group that every task writes to. */
  TASK_LOG_GROUP: Text,
  /** What the families of registered task definitions start with; the right to run tasks is on these names. */
  TASK_FAMILY_PREFIX: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,100}$/)),
  /** For runs whose job variables name no image. */
  DEFAULT_IMAGE: z.optional(Text),
  CPU_ARCHITECTURE: z._default(z.enum(['X86_64', 'ARM64']), 'X86_64'),
  /** A secret that holds the API key of tasks, which they get as PREFECT_API_KEY and PUSHPOOL_API_KEY. */
  API_KEY_SECRET_ARN: z.optional(Arn),
  /** Beside those above, job variables may name these. */
  ALLOWED_SUBNET_IDS: ListOrNone,
  ALLOWED_SECURITY_GROUP_IDS: ListOrNone,
  /** Secrets that job variables may refer to; a trailing `*` matches any suffix. */
  ALLOWED_SECRET_ARNS: ListOrNone,
  /** Of one dispatcher; two may run at once. Fargate starts 20 tasks a second, and 100 in a burst. */
  LAUNCHES_PER_SECOND: PositiveNumber,
  LAUNCH_BURST: PositiveNumber,
})

/**
 * The sweep repeats lost launches and looks up what became of tasks, so it needs all that the dispatcher does.
 * @alias
 */
export const SweeperEnv = DispatcherEnv

export type EngineEnv = z.output<typeof TaskEventsEnv>
export type EcsEnv = z.output<typeof DispatcherEnv>

/** A function's environment, as the stack writes it. */
export type EnvOf<E extends z.ZodMiniType> = z.input<E>

/** Reads a function's environment; raises an error that names every variable that is missing or wrong. */
export function parseEnv<E extends z.ZodMiniType>(env: E, from: Record<string, string | undefined>): z.output<E> {
  const result = z.safeParse(env, from)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`Invalid environment. ${problems.join('; ')}`)
}
