import * as z from 'zod/mini'
import { ARTIFACT_SORTS } from '#shared/artifact/artifact-filter.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { filterOf, namedFilter, OperatorIn, StringFilter, Strings, UuidFilter } from '#shared/contract/filter.ts'
import {
  InstantOut,
  maybe,
  named,
  PageIn,
  patchable,
  TextsIn,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'

const tag = 'Artifacts'
const params = () => z.object({ id: UuidIn })
const ShortText = z.string().check(z.maxLength(255))

const out = {
  id: UuidOut,
  created: InstantOut,
  updated: InstantOut,
  type: z.nullable(z.string()),
  description: z.nullable(z.string()),
  data: z.unknown(),
  metadata_: z.nullable(z.record(z.string(), z.string())),
  flow_run_id: z.nullable(UuidOut),
  task_run_id: z.nullable(UuidOut),
}
const ArtifactOut = named('Artifact', () => z.object({ ...out, key: z.nullable(z.string()) }))
const LatestArtifactOut = named('ArtifactCollection', () => z.object({ ...out, key: z.string(), latest_id: UuidOut }))

/** Artifacts are not searched by what their runs belong to. */
const notSearched = maybe(z.null("artifacts can't be filtered by this; leave it out"))
const ArtifactListIn = named('ArtifactListRequest', () =>
  z.object({
    artifacts: namedFilter('ArtifactFilter', () => ({
      operator: OperatorIn,
      id: UuidFilter,
      latest_id: UuidFilter,
      key: maybe(filterOf({ any_: Strings, like_: maybe(z.string()), exists_: maybe(z.boolean()) })),
      flow_run_id: UuidFilter,
      task_run_id: UuidFilter,
      type: StringFilter,
    })),
    flow_runs: notSearched,
    task_runs: notSearched,
    flows: notSearched,
    deployments: notSearched,
    ...PageIn,
    sort: withDefault(z.enum(ARTIFACT_SORTS), 'ID_DESC'),
  }),
)

export const createArtifact = endpoint({
  method: 'POST',
  path: '/artifacts/',
  scope: 'work',
  tag,
  summary: 'Create an artifact.',
  body: () =>
    named('ArtifactCreateRequest', () =>
      z.object({
        key: maybe(
          ShortText.check(
            z.regex(/^[a-z0-9-]+$/, 'Artifact key must only contain lowercase letters, numbers, and dashes.'),
          ),
        ),
        type: maybe(ShortText),
        description: maybe(z.string()),
        data: z.optional(z.unknown()),
        metadata_: maybe(TextsIn),
        flow_run_id: maybe(UuidIn),
        task_run_id: maybe(UuidIn),
      }),
    ),
  reply: () => ArtifactOut,
  status: 201,
})

export const getArtifact = endpoint({
  method: 'GET',
  path: '/artifacts/:id',
  scope: 'work',
  tag,
  summary: 'Get an artifact.',
  params,
  reply: () => ArtifactOut,
  status: 200,
})

export const getLatestArtifact = endpoint({
  method: 'GET',
  path: '/artifacts/:key/latest',
  scope: 'work',
  tag,
  summary: 'Get the latest artifact of a key.',
  params: () => z.object({ key: z.string() }),
  reply: () => ArtifactOut,
  status: 200,
})

export const listArtifacts = endpoint({
  method: 'POST',
  path: '/artifacts/filter',
  scope: 'work',
  tag,
  summary: 'List artifacts among the newest 5,000.',
  body: () => ArtifactListIn,
  reply: () => z.array(ArtifactOut),
  status: 200,
})

export const listLatestArtifacts = endpoint({
  method: 'POST',
  path: '/artifacts/latest/filter',
  scope: 'work',
  tag,
  summary: 'List the latest artifact of each key among the newest 5,000 artifacts.',
  body: () => ArtifactListIn,
  reply: () => z.array(LatestArtifactOut),
  status: 200,
})

export const updateArtifact = endpoint({
  method: 'PATCH',
  path: '/artifacts/:id',
  scope: 'work',
  tag,
  summary: 'Update an artifact; omitted fields stay unchanged.',
  params,
  body: () =>
    named('ArtifactUpdateRequest', () =>
      z.object({
        data: z.optional(z.unknown()),
        description: patchable(z.string()),
        metadata_: patchable(TextsIn),
      }),
    ),
  status: 204,
})

export const deleteArtifact = endpoint({
  method: 'DELETE',
  path: '/artifacts/:id',
  scope: 'operate',
  tag,
  summary: 'Delete an artifact.',
  params,
  status: 204,
})
