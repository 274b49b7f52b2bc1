import type * as agent from '#shared/contract/agent/agent.ts'
import type * as claim from '#shared/contract/agent/claim.ts'
import type { ExamplesOf } from './example.ts'
import { flowRunExamples } from './flow-run.ts'
import { CREATED, DEPLOYMENT_ID, FLOW_ID, POOL_ID, page, QUEUE_ID, RUN_ID, STARTED } from './story.ts'

const AGENT_ID = '4c7d1e92-6b3f-4a85-9e0c-d2a8f5b71364'
const pause = { since: STARTED, until: '2026-01-16T02:30:00.000000Z', note: 'new disk' }

const agentReply = {
  id: AGENT_ID,
  created: CREATED,
  name: 'build-01',
  work_pool_id: POOL_ID,
  work_pool_name: 'main',
  queues: ['urgent', 'default'],
  host: 'build-01.example.com',
  version: '0.1.0',
  status: 'ONLINE' as const,
  capacity: { slots: 4, cpu: null, memory: null },
  last_seen: STARTED,
  lease_until: '2026-01-16T02:03:00.000000Z',
  holds: [{ flow_run_id: RUN_ID, generation: 1, flow_id: FLOW_ID }],
  paused: null,
  draining: false,
}

export const agentExamples = {
  claimWork: {
    body: {
      agent: { id: AGENT_ID, name: 'build-01', host: 'build-01.example.com', version: '0.1.0' },
      session: '019ad2f6-2b84-7f60-9a5d-c4e1f7b3d926',
      sequence: 12,
      request_id: '0b6f3d58-e7a1-4c29-8d45-91f2c6a7e038',
      queues: ['urgent', 'default'],
      free: { slots: 3 },
      capacity: { slots: 4 },
      flow_limits: { by_flow: { etl: 1 } },
      holding: [],
      prefetch_seconds: 10,
    },
    reply: {
      sequence: 13,
      lease_seconds: 180,
      runs: [
        {
          flow_run: flowRunExamples.getFlowRun.reply,
          life: '9f2c4b7ad1e60835',
          generation: 1,
          due_in_seconds: 4.215,
          flow_name: 'etl',
          deployment: { id: DEPLOYMENT_ID, name: 'nightly', path: null },
          work_pool_type: 'process',
          on_agent_lost: 'crash',
          job: {
            kind: 'command',
            command: ['python', 'etl.py'],
            env: { TARGET: 'production' },
            image: null,
            cpu: null,
            memory: null,
            timeout_seconds: 3600,
            configuration: { command: 'python etl.py', env: { TARGET: 'production' } },
          },
        },
      ],
      stop: [],
      queues: [{ id: QUEUE_ID, name: 'urgent', is_paused: false, created: false }],
      next_due_in_seconds: null,
      waited: false,
      paused: null,
      drain: false,
    },
  },
  listAgents: { body: { agents: { status: { any_: ['ONLINE'] } }, ...page }, reply: [agentReply] },
  getAgent: { reply: agentReply },
  pauseAgent: {
    body: { for_seconds: 1800, note: 'new disk' },
    reply: { ...agentReply, status: 'PAUSED', paused: pause },
  },
  resumeAgent: { reply: agentReply },
  drainAgent: { reply: { ...agentReply, status: 'DRAINING', draining: true } },
  deleteAgent: {},
} satisfies ExamplesOf<typeof agent & typeof claim>
