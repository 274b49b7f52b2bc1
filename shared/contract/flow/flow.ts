import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { ScopeIn } from '#shared/contract/scope.ts'
import {
  InstantOut,
  JsonObject,
  named,
  PageIn,
  SegmentNameIn,
  Tags,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { FLOW_SORTS } from '#shared/flow/flow-filter.ts'

const tag = 'Flows'
const params = () => z.object({ id: UuidIn })

export const FlowOut = named('Flow', () =>
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
  tag,
  summary: 'Create a flow; a flow of that name that exists is answered as it is, with 200.',
  body: () => z.object({ name: SegmentNameIn, tags: withDefault(Tags, []), labels: withDefault(JsonObject, {}) }),
  reply: () => FlowOut,
  status: 201,
})

export const getFlow = endpoint({
  method: 'GET',
  path: '/flows/:id',
  tag,
  summary: 'Read a flow.',
  params,
  reply: () => FlowOut,
  status: 200,
})

export const getFlowByName = endpoint({
  method: 'GET',
  path: '/flows/name/:name',
  tag,
  summary: 'Read a flow by its name.',
  params: () => z.object({ name: z.string() }),
  reply: () => FlowOut,
  status: 200,
})

export const updateFlow = endpoint({
  method: 'PATCH',
  path: '/flows/:id',
  tag,
  summary: "Replace a flow's tags.",
  params,
  body: () => z.object({ tags: withDefault(Tags, []) }),
  status: 204,
})

export const deleteFlow = endpoint({
  method: 'DELETE',
  path: '/flows/:id',
  tag,
  summary: 'Delete a flow that has no deployments and no flow runs.',
  params,
  status: 204,
})

export const listFlows = endpoint({
  method: 'POST',
  path: '/flows/filter',
  tag,
  summary: 'List flows.',
  body: () => z.object({ ...ScopeIn, ...PageIn, sort: withDefault(z.enum(FLOW_SORTS), 'NAME_ASC') }),
  reply: () => z.array(FlowOut),
  status: 200,
})

export const countFlows = endpoint({
  method: 'POST',
  path: '/flows/count',
  tag,
  summary: 'Count flows.',
  body: () => z.object(ScopeIn),
  reply: () => z.int(),
  status: 200,
})
