import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { ListFiltersIn } from '#shared/contract/list-filters.ts'
import {
  InstantOut,
  JsonObject,
  NameIn,
  named,
  PageIn,
  Tags,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { FLOW_SORTS } from '#shared/flow/flow-filter.ts'

const tag = 'Flows'
const params = () => z.object({ id: UuidIn })

const FlowOut = named('Flow', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    tags: z.array(z.string()),
    labels: JsonObject,
  }),
)

export const createFlow = endpoint({
  method: 'POST',
  path: '/flows/',
  scope: 'work',
  tag,
  summary: 'Create a flow; an existing flow of that name is returned with 200.',
  body: () =>
    named('FlowCreateRequest', () =>
      z.object({ name: NameIn, tags: withDefault(Tags, []), labels: withDefault(JsonObject, {}) }),
    ),
  reply: () => FlowOut,
  status: 201,
})

export const getFlow = endpoint({
  method: 'GET',
  path: '/flows/:id',
  scope: 'work',
  tag,
  summary: 'Get a flow.',
  params,
  reply: () => FlowOut,
  status: 200,
})

export const getFlowByName = endpoint({
  method: 'GET',
  path: '/flows/name/:name',
  scope: 'work',
  tag,
  summary: 'Get a flow by its name.',
  params: () => z.object({ name: z.string() }),
  reply: () => FlowOut,
  status: 200,
})

export const updateFlow = endpoint({
  method: 'PATCH',
  path: '/flows/:id',
  scope: 'operate',
  tag,
  summary: "Replace a flow's tags.",
  params,
  body: () => named('FlowUpdateRequest', () => z.object({ tags: withDefault(Tags, []) })),
  status: 204,
})

export const deleteFlow = endpoint({
  method: 'DELETE',
  path: '/flows/:id',
  scope: 'operate',
  tag,
  summary: 'Delete a flow that has no deployments and no flow runs.',
  params,
  status: 204,
})

export const listFlows = endpoint({
  method: 'POST',
  path: '/flows/filter',
  scope: 'work',
  tag,
  summary: 'List flows.',
  body: () =>
    named('FlowListRequest', () =>
      z.object({ ...ListFiltersIn, ...PageIn, sort: withDefault(z.enum(FLOW_SORTS), 'NAME_ASC') }),
    ),
  reply: () => z.array(FlowOut),
  status: 200,
})

export const countFlows = endpoint({
  method: 'POST',
  path: '/flows/count',
  scope: 'work',
  tag,
  summary: 'Count flows.',
  body: () => named('FlowCountRequest', () => z.object(ListFiltersIn)),
  reply: () => z.int(),
  status: 200,
})
