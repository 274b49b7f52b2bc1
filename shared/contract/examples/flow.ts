import type * as contract from '#shared/contract/flow/flow.ts'
import type { ExamplesOf } from './example.ts'
import { FLOW_ID, page, stored } from './story.ts'

const flow = { id: FLOW_ID, ...stored, name: 'etl', tags: ['data'], labels: { team: 'platform' } }

export const flowExamples = {
  createFlow: { body: { name: 'etl', tags: ['data'], labels: { team: 'platform' } }, reply: flow },
  getFlow: { reply: flow },
  getFlowByName: { reply: flow },
  updateFlow: { body: { tags: ['data', 'nightly'] } },
  deleteFlow: {},
  listFlows: { body: { flows: { name: { like_: 'etl' } }, ...page, sort: 'NAME_ASC' }, reply: [flow] },
  countFlows: { body: { flows: { tags: { all_: ['data'] } } }, reply: 1 },
} satisfies ExamplesOf<typeof contract>
