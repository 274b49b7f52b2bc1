import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { namedFilter, OperatorIn, TagsFilter, TextFilter, UuidFilter } from '#shared/contract/filter.ts'
import { InstantOut, maybe, named, PageIn, Tags, UuidIn, UuidOut, withDefault } from '#shared/contract/wire.ts'
import { isVariableValue } from '#shared/variable/variable.ts'
import { VARIABLE_SORTS } from '#shared/variable/variable-filter.ts'

const tag = 'Variables'
const ById = z.object({ id: UuidIn })
const ByName = z.object({ name: z.string() })

const VariableOut = named('Variable', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    value: z.unknown(),
    tags: z.array(z.string()),
  }),
)

const VariableNameIn = z
  .string()
  .check(
    z.maxLength(255),
    z.regex(/^[a-z0-9_-]+$/, 'Variable name must only contain lowercase letters, numbers, and dashes or underscores.'),
  )

const ValueIn = z
  .unknown()
  .check(
    z.refine((value) => value === undefined || isVariableValue(value), 'must be less than 5000 characters of JSON'),
  )

const VariableUpdateIn = named('VariableUpdateRequest', () =>
  z.object({ name: maybe(z.string()), value: z.optional(ValueIn), tags: maybe(Tags) }),
)

const VariableFilterIn = namedFilter('VariableFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  name: TextFilter,
  tags: TagsFilter,
}))

export const createVariable = endpoint({
  method: 'POST',
  path: '/variables/',
  scope: 'operate',
  tag,
  summary: 'Create a variable.',
  body: () =>
    named('VariableCreateRequest', () =>
      z.object({
        name: VariableNameIn,
        value: ValueIn.check(z.refine((value) => value !== undefined, 'is missing')),
        tags: withDefault(Tags, []),
      }),
    ),
  reply: () => VariableOut,
  status: 201,
})

export const listVariables = endpoint({
  method: 'POST',
  path: '/variables/filter',
  scope: 'work',
  tag,
  summary: 'List variables.',
  body: () =>
    named('VariableListRequest', () =>
      z.object({ variables: VariableFilterIn, ...PageIn, sort: withDefault(z.enum(VARIABLE_SORTS), 'NAME_ASC') }),
    ),
  reply: () => z.array(VariableOut),
  status: 200,
})

export const countVariables = endpoint({
  method: 'POST',
  path: '/variables/count',
  scope: 'work',
  tag,
  summary: 'Count variables.',
  body: () => named('VariableCountRequest', () => z.object({ variables: VariableFilterIn })),
  reply: () => z.int(),
  status: 200,
})

export const getVariable = endpoint({
  method: 'GET',
  path: '/variables/:id',
  scope: 'work',
  tag,
  summary: 'Get a variable.',
  params: () => ById,
  reply: () => VariableOut,
  status: 200,
})

export const getVariableByName = endpoint({
  method: 'GET',
  path: '/variables/name/:name',
  scope: 'work',
  tag,
  summary: 'Get a variable by its name.',
  params: () => ByName,
  reply: () => VariableOut,
  status: 200,
})

export const updateVariable = endpoint({
  method: 'PATCH',
  path: '/variables/:id',
  scope: 'operate',
  tag,
  summary: "Update a variable's value or tags; omitted fields stay unchanged.",
  params: () => ById,
  body: () => VariableUpdateIn,
  status: 204,
})

export const updateVariableByName = endpoint({
  method: 'PATCH',
  path: '/variables/name/:name',
  scope: 'operate',
  tag,
  summary: 'Update a variable by its name.',
  params: () => ByName,
  body: () => VariableUpdateIn,
  status: 204,
})

export const deleteVariable = endpoint({
  method: 'DELETE',
  path: '/variables/:id',
  scope: 'operate',
  tag,
  summary: 'Delete a variable.',
  params: () => ById,
  status: 204,
})

export const deleteVariableByName = endpoint({
  method: 'DELETE',
  path: '/variables/name/:name',
  scope: 'operate',
  tag,
  summary: 'Delete a variable by its name.',
  params: () => ByName,
  status: 204,
})
