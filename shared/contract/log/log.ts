import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { filterOf, namedFilter, OperatorIn, TimeFilter, UuidFilter, UuidOrNullFilter } from '#shared/contract/filter.ts'
import {
  InstantIn,
  InstantOut,
  maybe,
  named,
  numeric,
  PageIn,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { LOG_SORTS } from '#shared/log/log-filter.ts'

const tag = 'Logs'
const NAME_CHARS_MAX = 1_000
/**
 * Prefect's clients send up to 4 MB at a time (PREFECT_LOGGING_TO_API_BATCH_SIZE) and drop what is refused. Lambda takes
 * 6 MB, in which every quotation mark of the body counts twice.
 */
const LOGS_BYTES_MAX = 5_000_000

const LogIn = named('LogInput', () =>
  z.object({
    name: z.string().check(z.maxLength(NAME_CHARS_MAX)),
    level: numeric(z.int()),
    message: z.string(),
    timestamp: InstantIn,
    flow_run_id: maybe(UuidIn),
    task_run_id: maybe(UuidIn),
  }),
)

const LogOut = named('Log', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    level: z.int(),
    message: z.string(),
    timestamp: InstantOut,
    flow_run_id: z.nullable(UuidOut),
    task_run_id: z.nullable(UuidOut),
  }),
)

export const createLogs = endpoint({
  method: 'POST',
  path: '/logs/',
  scope: 'work',
  tag,
  summary: 'Create log lines; lines sent again are stored once.',
  body: () => z.array(LogIn),
  bodyBytesMax: LOGS_BYTES_MAX,
  reply: () => z.null(),
  status: 201,
})

export const listLogs = endpoint({
  method: 'POST',
  path: '/logs/filter',
  scope: 'work',
  tag,
  summary: 'List the log lines of flow runs.',
  body: () =>
    named('LogListRequest', () =>
      z.object({
        ...PageIn,
        sort: withDefault(z.enum(LOG_SORTS), 'TIMESTAMP_ASC'),
        logs: namedFilter('LogFilter', () => ({
          operator: OperatorIn,
          level: maybe(filterOf({ ge_: maybe(numeric(z.int())), le_: maybe(numeric(z.int())) })),
          timestamp: TimeFilter,
          flow_run_id: UuidFilter,
          task_run_id: UuidOrNullFilter,
          text: maybe(filterOf({ query: maybe(z.string()) })),
        })),
      }),
    ),
  reply: () => z.array(LogOut),
  status: 200,
})
