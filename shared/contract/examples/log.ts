import type * as contract from '#shared/contract/log/log.ts'
import type { ExamplesOf } from './example.ts'
import { page, RUN_ID, STARTED, stored } from './story.ts'

const line = {
  name: 'prefect.flow_runs',
  level: 20,
  message: 'Loaded 1,204 rows',
  timestamp: STARTED,
  flow_run_id: RUN_ID,
}

export const logExamples = {
  createLogs: { body: [line], reply: null },
  listLogs: {
    body: { logs: { flow_run_id: { any_: [RUN_ID] }, level: { ge_: 20 } }, ...page, sort: 'TIMESTAMP_ASC' },
    reply: [{ id: '019ad2f4-8d21-7f60-a5b9-c3e7d1f04a82', ...stored, ...line, task_run_id: null }],
  },
} satisfies ExamplesOf<typeof contract>
