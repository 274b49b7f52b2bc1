import type { Hono } from 'hono'
import type { Artifact } from '#shared/artifact/artifact.ts'
import * as contract from '#shared/contract/artifact/artifact.ts'
import type { Deps } from '#shared/deps.ts'
import { createArtifact } from '#shared/engine/artifact/create-artifact.ts'
import { listArtifacts } from '#shared/engine/artifact/list-artifacts.ts'
import { updateArtifact } from '#shared/engine/artifact/update-artifact.ts'
import { notFound } from '#shared/errors.ts'
import { getArtifact } from '#shared/storage/artifact/get-artifact.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { artifactKey } from '#shared/storage/dynamo/table.ts'
import { route } from '../route.ts'
import { artifactView, latestArtifactView } from '../views/artifact.ts'

/** Serves artifacts. */
export function artifactRoutes(app: Hono, deps: Deps): void {
  const view = (artifact: Artifact | undefined, shown: string) => {
    if (!artifact) throw notFound('Artifact', shown)
    return artifactView(artifact)
  }

  route(app, contract.createArtifact, async ({ body }) => {
    const artifact = await createArtifact(deps, {
      key: body.key ?? null,
      type: body.type ?? null,
      description: body.description ?? null,
      data: body.data ?? null,
      metadata: body.metadata_ ?? null,
      flowRunId: body.flow_run_id ?? null,
      taskRunId: body.task_run_id ?? null,
    })
    return artifactView(artifact)
  })

  route(app, contract.getArtifact, async ({ params: { id } }) => view(await getArtifact(deps.table, id), id))
  route(app, contract.getLatestArtifact, async ({ params: { key } }) => {
    const artifacts = { key: { any_: [key] } }
    const [artifact] = await listArtifacts(deps, { artifacts, sort: 'ID_DESC', limit: 1, offset: 0, latest: true })
    return view(artifact, key)
  })

  route(app, contract.listArtifacts, async ({ body: { artifacts, sort, limit, offset } }) =>
    (await listArtifacts(deps, { artifacts, sort, limit, offset, latest: false })).map(artifactView),
  )
  route(app, contract.listLatestArtifacts, async ({ body: { artifacts, sort, limit, offset } }) =>
    (await listArtifacts(deps, { artifacts, sort, limit, offset, latest: true })).map(latestArtifactView),
  )

  route(app, contract.updateArtifact, ({ params, body }) =>
    updateArtifact(deps, params.id, { data: body.data, description: body.description, metadata: body.metadata_ }),
  )

  route(app, contract.deleteArtifact, async ({ params: { id } }) => {
    if (!(await deleteItem(deps.table, artifactKey(id)))) throw notFound('Artifact', id)
  })
}
