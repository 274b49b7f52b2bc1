import * as z from 'zod/mini'
import { PAGE_MAX } from '#shared/bounds.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { InstantOut, maybe, named, numeric, UuidIn, UuidOut, withDefault } from '#shared/contract/wire.ts'
import { INPUT_KEY } from '#shared/flow-run/run-input.ts'

const tag = 'Flow run inputs'
const params = () => z.object({ id: UuidIn })
const KEY_CHARS_MAX = 255
const EXCLUDED_MAX = 5_000

const KeyIn = z.string().check(z.regex(INPUT_KEY, 'must only contain lowercase letters, numbers, and dashes'))
const ByKey = z.object({ id: UuidIn, key: KeyIn })

export const createFlowRunInput = endpoint({
  method: 'POST',
  path: '/flow_runs/:id/input',
  scope: 'work',
  tag,
  summary: 'Create an input of a flow run under a new key.',
  params,
  body: () =>
    named('FlowRunInputCreateRequest', () =>
      z.object({ key: KeyIn, value: z.string(), sender: maybe(z.string().check(z.maxLength(KEY_CHARS_MAX))) }),
    ),
  reply: () => z.null(),
  status: 201,
})

export const listFlowRunInputs = endpoint({
  method: 'POST',
  path: '/flow_runs/:id/input/filter',
  scope: 'work',
  tag,
  summary: "List a flow run's inputs by key prefix, oldest first.",
  params,
  body: () =>
    named('FlowRunInputListRequest', () =>
      z.object({
        prefix: z.string().check(z.maxLength(KEY_CHARS_MAX)),
        limit: withDefault(numeric(z.int().check(z.gte(0), z.lte(PAGE_MAX))), 1),
        exclude_keys: withDefault(z.array(z.string()).check(z.maxLength(EXCLUDED_MAX)), []),
      }),
    ),
  reply: () =>
    z.array(
      named('FlowRunInput', () =>
        z.object({
          id: UuidOut,
          created: InstantOut,
          updated: InstantOut,
          flow_run_id: UuidOut,
          key: z.string(),
          value: z.string(),
          sender: z.nullable(z.string()),
        }),
      ),
    ),
  status: 200,
})

export const getFlowRunInput = endpoint({
  method: 'GET',
  path: '/flow_runs/:id/input/:key',
  scope: 'work',
  tag,
  summary: 'Get an input of a flow run as plain text.',
  params: () => ByKey,
  reply: () => z.string(),
  plainText: true,
  status: 200,
})

export const deleteFlowRunInput = endpoint({
  method: 'DELETE',
  path: '/flow_runs/:id/input/:key',
  scope: 'work',
  tag,
  summary: 'Delete an input of a flow run.',
  params: () => ByKey,
  status: 204,
})
