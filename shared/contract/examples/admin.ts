import type * as admin from '#shared/contract/admin/admin.ts'
import type * as automation from '#shared/contract/admin/automation.ts'
import type * as collection from '#shared/contract/admin/collection.ts'
import type { ExamplesOf } from './example.ts'
import { DEPLOYMENT_ID } from './story.ts'

const resource = `prefect.deployment.${DEPLOYMENT_ID}`

export const adminExamples = {
  getHealth: { reply: true },
  getReadiness: { reply: { message: 'OK' } },
  getHello: { reply: '👋' },
  getVersion: { reply: '0.1.0' },
  getPrefectVersion: { reply: '3.6.25' },
  getServerStorage: { reply: { default_result_storage_block_id: null } },
  getCsrfToken: { reply: {} },
  getOpenApi: { reply: { openapi: '3.1.0', info: { title: 'pushpool', version: '0.1.0' }, paths: {} } },
  createAutomation: {
    body: { name: 'restart', trigger: { type: 'event', match_related: { id: resource } } },
    reply: null,
  },
  listAutomations: { body: { limit: 50 }, reply: [] },
  countAutomations: { body: {}, reply: 0 },
  listRelatedAutomations: { reply: [] },
  deleteOwnedAutomations: { reply: null },
  listEvents: { body: { limit: 50 }, reply: { events: [], total: 0, next_page: null } },
  getCollectionView: {
    reply: {
      'prefect-aws': { 'ecs:push': { type: 'ecs:push', display_name: 'AWS Elastic Container Service - Push' } },
    },
  },
} satisfies ExamplesOf<typeof admin & typeof automation & typeof collection>
