import type { Answer } from '../outside/caller.ts'
import { isoOf } from './iso.ts'
import { uuidOf } from './uuid-of.ts'
import type { Scene, Verb } from './verb.ts'

/** Kept beside runs; a job may refer to the first of them. */
const NAMES = ['bucket', 'other'] as const
const KEYS_MAX = 3
const BLOCK_FIELDS = { title: 'Place', type: 'object', properties: { path: { title: 'Path', type: 'string' } } }

/** What people keep with the service beside what it runs. */
const RECORDS: readonly ((scene: Scene) => Promise<unknown>)[] = [
  changeVariable,
  changeBlocks,
  changeKeys,
  changeFlow,
  changeArtifact,
  changeArtifact,
  changeNotes,
]

export const keepRecords: Verb = {
  name: 'keep records',
  weight: 14,
  async act(scene) {
    await scene.chance.pick(RECORDS)?.(scene)
  },
}

const idOf = (answer: Answer | undefined) =>
  answer !== undefined && answer.status < 300 ? (answer.body?.id as string | undefined) : undefined

async function changeVariable(scene: Scene): Promise<void> {
  const { chance } = scene
  const client = scene.client()
  const name = chance.pick(NAMES) ?? 'bucket'
  await client.call('createVariable', { name, value: 's3://one' })
  if (chance.hits(0.5)) await client.call('updateVariableByName', { name }, { value: 's3://two' })
  const found = idOf(await client.call('getVariableByName', { name }))
  if (found !== undefined && chance.hits(0.5)) await client.call('updateVariable', { id: found }, { tags: ['data'] })
  if (found !== undefined && chance.hits(0.2)) await client.call('deleteVariable', { id: found })
  else if (chance.hits(0.2)) await client.call('deleteVariableByName', { name })
}

async function changeBlocks(scene: Scene): Promise<void> {
  const { chance } = scene
  const client = scene.client()
  await client.call('createBlockType', { name: 'Place', slug: 'place' })
  const type = idOf(await client.call('getBlockTypeBySlug', { slug: 'place' }))
  if (type === undefined) return
  if (chance.hits(0.3)) await client.call('updateBlockType', { id: type }, { description: 'Where things are' })
  const schema = idOf(await client.call('createBlockSchema', { fields: BLOCK_FIELDS, block_type_id: type }))
  if (schema === undefined) return
  const body = { name: 'raw', data: { path: '/data' }, block_schema_id: schema, block_type_id: type }
  const made = idOf(await client.call('createBlockDocument', body))
  if (made !== undefined) {
    await client.call('updateBlockDocument', { id: made }, { data: { path: '/more' } })
    if (chance.hits(0.7)) await client.call('deleteBlockDocument', { id: made })
  }
  if (chance.hits(0.3)) await client.call('deleteBlockType', { id: type })
}

async function changeKeys(scene: Scene): Promise<void> {
  for (let left = scene.chance.whole(1, KEYS_MAX); left > 0; left -= 1) {
    const client = scene.client()
    const made = idOf(await client.call('createApiKey', { name: 'workers', scope: 'work' }))
    if (made !== undefined && scene.chance.hits(0.7)) await client.call('revokeApiKey', { id: made })
  }
}

async function changeArtifact(scene: Scene): Promise<void> {
  const client = scene.client()
  const made = idOf(await client.call('createArtifact', { key: 'report', type: 'markdown', data: 'all' }))
  const id = made ?? uuidOf(scene)
  await client.call('updateArtifact', { id }, { data: 'all of it' })
  if (scene.chance.hits(0.8)) await client.call('deleteArtifact', { id })
}

/** Logs and inputs of a run, by others than its process. */
async function changeNotes(scene: Scene): Promise<void> {
  const run = scene.anyRun()
  if (!run) return
  const { chance } = scene
  const client = scene.client()
  const line = { name: 'console', level: 20, message: 'seen', timestamp: isoOf(scene.now()), flow_run_id: run.id }
  await client.call('createLogs', [line])
  const key = `note-${chance.whole(1, 2)}`
  await client.call('createFlowRunInput', { id: run.id }, { key, value: '1' })
  await client.call('getFlowRunInput', { id: run.id, key })
  if (chance.hits(0.5)) await client.call('deleteFlowRunInput', { id: run.id, key })
}

async function changeFlow(scene: Scene): Promise<void> {
  const { chance } = scene
  const client = scene.client()
  const made = idOf(await client.call('createFlow', { name: `flow-${chance.whole(1, 2)}` }))
  if (made === undefined) return
  await client.call('updateFlow', { id: made }, { tags: ['nightly'] })
  if (chance.hits(0.5)) await client.call('deleteFlow', { id: made })
}
