import type * as contract from '#shared/contract/artifact/artifact.ts'
import type { ExamplesOf } from './example.ts'
import { page, RUN_ID, stored } from './story.ts'

const given = {
  key: 'row-counts',
  type: 'table',
  description: 'Rows loaded, by table',
  data: '[{"table": "orders", "rows": 1204}]',
  metadata_: { unit: 'rows' },
  flow_run_id: RUN_ID,
}
const artifact = { id: '019ad2f7-62e4-7a89-8b03-d5f1c9e7a240', ...stored, ...given, task_run_id: null }
const filter = { artifacts: { key: { any_: ['row-counts'] } } }

export const artifactExamples = {
  createArtifact: { body: given, reply: artifact },
  getArtifact: { reply: artifact },
  getLatestArtifact: { reply: artifact },
  listArtifacts: { body: { ...filter, ...page, sort: 'ID_DESC' }, reply: [artifact] },
  listLatestArtifacts: {
    body: { ...filter, ...page, sort: 'KEY_ASC' },
    reply: [{ ...artifact, latest_id: artifact.id }],
  },
  updateArtifact: { body: { description: 'Rows loaded, by table and day' } },
  deleteArtifact: {},
} satisfies ExamplesOf<typeof contract>
