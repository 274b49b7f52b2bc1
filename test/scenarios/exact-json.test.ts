import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../../local/service.ts'
import { jsonObjectText, jsonText } from '../support/fixtures/json-text.ts'

const quiet = { info: () => {}, warn: () => {}, error: () => {} }
let service: Service
let dataDir: string

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'pushpool-exact-'))
  service = await startService({ dataDir, port: 0, log: quiet })
})
afterAll(async () => {
  await service.stop()
  rmSync(dataDir, { recursive: true })
})

/** Sends a body as it is; answers with the body as it came. */
async function send(method: string, path: string, body?: string): Promise<string> {
  const init = body === undefined ? { method } : { method, body, headers: { 'content-type': 'application/json' } }
  const answer = await fetch(`${service.url}/api${path}`, init)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return text
}

const idOf = (text: string) => (JSON.parse(text) as { id: string }).id
const create = async (path: string, body: object) => idOf(await send('POST', path, JSON.stringify(body)))
/** A body of these members as they are. */
const bodyOf = (members: Record<string, string>) =>
  `{${Object.entries(members)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join()}}`
const named = () => JSON.stringify(randomUUID())

/** A place where JSON is kept: writes a text there, and returns the answers that must have it again. */
type Place = (text: string) => Promise<{ member: string; answers: string[] }>

const flowId = () => create('/flows/', { name: randomUUID() })
const deploymentOf = async (members: Record<string, string>) => {
  const id = JSON.stringify(await flowId())
  return idOf(await send('POST', '/deployments/', bodyOf({ name: named(), flow_id: id, ...members })))
}

/** A member of a deployment, given at its creation and by a PATCH. */
const ofDeployment =
  (member: string, wrap = (text: string) => text): Place =>
  async (text) => {
    const made = await deploymentOf({ [member]: wrap(text) })
    const changed = await deploymentOf({})
    await send('PATCH', `/deployments/${changed}`, bodyOf({ [member]: wrap(text) }))
    const answers = await Promise.all([made, changed].map((id) => send('GET', `/deployments/${id}`)))
    return { member: bodyOf({ [member]: wrap(text) }), answers }
  }

/** A member of a run of a deployment, and of one without, given at its creation. */
const ofRun =
  (member: string): Place =>
  async (text) => {
    const deployed = await send(
      'POST',
      `/deployments/${await deploymentOf({})}/create_flow_run`,
      bodyOf({ [member]: text }),
    )
    const alone = await send(
      'POST',
      '/flow_runs/',
      bodyOf({ flow_id: JSON.stringify(await flowId()), [member]: text, state: '{"type":"SCHEDULED"}' }),
    )
    const answers = await Promise.all([deployed, alone].map((run) => send('GET', `/flow_runs/${idOf(run)}`)))
    return { member: bodyOf({ [member]: text }), answers: [...answers, deployed, alone] }
  }

const changedRun =
  (member: string): Place =>
  async (text) => {
    const id = await create('/flow_runs/', { flow_id: await flowId(), state: { type: 'SCHEDULED' } })
    await send('PATCH', `/flow_runs/${id}`, bodyOf({ [member]: text }))
    return { member: bodyOf({ [member]: text }), answers: [await send('GET', `/flow_runs/${id}`)] }
  }

const ofTemplate: Place = async (text) => {
  const name = randomUUID()
  const template = `{"job_configuration":{"extra":${text}},"variables":{"properties":{"x":{"default":${text}}}}}`
  const members = { base_job_template: template, storage_configuration: `{"x":${text}}` }
  await send('POST', '/work_pools/', bodyOf({ name: JSON.stringify(name), type: '"process"', ...members }))
  const made = await send('GET', `/work_pools/${name}`)
  await send('PATCH', `/work_pools/${name}`, bodyOf(members))
  return { member: bodyOf({ base_job_template: template }), answers: [made, await send('GET', `/work_pools/${name}`)] }
}

const ofSchedule: Place = async (text) => {
  const schedules = `[${bodyOf({ schedule: '{"interval":3600.0}', active: 'false', parameters: text })}]`
  const id = await deploymentOf({ schedules })
  const answer = await send('GET', `/deployments/${id}/schedules`)
  const [schedule] = JSON.parse(answer) as [{ id: string }]
  await send('PATCH', `/deployments/${id}/schedules/${schedule.id}`, bodyOf({ parameters: text }))
  const after = await send('GET', `/deployments/${id}`)
  return { member: bodyOf({ parameters: text }), answers: [answer, after.slice(after.indexOf('"schedules"'))] }
}

const ofVariable: Place = async (text) => {
  const made = await send('POST', '/variables/', bodyOf({ name: named(), value: text }))
  const other = await create('/variables/', { name: randomUUID(), value: null })
  await send('PATCH', `/variables/${other}`, bodyOf({ value: text }))
  return { member: bodyOf({ value: text }), answers: [made, await send('GET', `/variables/${other}`)] }
}

const ofArtifact: Place = async (text) => {
  const made = await send('POST', '/artifacts/', bodyOf({ data: text }))
  const other = await create('/artifacts/', { data: 1 })
  await send('PATCH', `/artifacts/${other}`, bodyOf({ data: text }))
  const answers = await Promise.all([idOf(made), other].map((id) => send('GET', `/artifacts/${id}`)))
  return { member: bodyOf({ data: text }), answers: [made, ...answers] }
}

const ofBlock: Place = async (text) => {
  const typeId = await create('/block_types/', { name: randomUUID(), slug: randomUUID() })
  const ofType = { block_type_id: JSON.stringify(typeId) }
  const schema = await send(
    'POST',
    '/block_schemas/',
    bodyOf({ ...ofType, fields: `{"x":${text},"title":${named()}}` }),
  )
  const members = { ...ofType, block_schema_id: JSON.stringify(idOf(schema)), name: named() }
  const document = await send('POST', '/block_documents/', bodyOf({ ...members, data: `{"x":${text}}` }))
  const read = await send('GET', `/block_documents/${idOf(document)}`)
  return { member: `{"x":${text}}`, answers: [schema, document, read] }
}

const ofState: Place = async (text) => {
  const id = await create('/flow_runs/', { flow_id: await flowId(), state: { type: 'RUNNING' } })
  await send('POST', `/flow_runs/${id}/set_state`, bodyOf({ state: bodyOf({ type: '"COMPLETED"', data: text }) }))
  return { member: bodyOf({ data: text }), answers: [await send('GET', `/flow_runs/${id}`)] }
}

const ofTaskRun: Place = async (text) => {
  const run = JSON.stringify(await create('/flow_runs/', { flow_id: await flowId(), state: { type: 'RUNNING' } }))
  const keys = { flow_run_id: run, task_key: '"k"', dynamic_key: '"0"' }
  const made = await send('POST', '/task_runs/', bodyOf({ ...keys, task_inputs: text, labels: text }))
  return { member: bodyOf({ task_inputs: text }), answers: [made, await send('GET', `/task_runs/${idOf(made)}`)] }
}

const OBJECTS: Record<string, Place> = {
  "a deployment's parameters": ofDeployment('parameters'),
  "a deployment's job variables": ofDeployment('job_variables'),
  "a deployment's parameter schema": ofDeployment('parameter_openapi_schema', (text) => `{"default":${text}}`),
  "a deployment's pull steps": ofDeployment('pull_steps', (text) => `[${text}]`),
  "a schedule's parameters": ofSchedule,
  "a run's parameters": ofRun('parameters'),
  "a run's context": ofRun('context'),
  "a run's labels": ofRun('labels'),
  "a run's changed parameters": changedRun('parameters'),
  'inputs of a task run': ofTaskRun,
}
const VALUES: Record<string, Place> = {
  'a variable': ofVariable,
  'an artifact': ofArtifact,
  'a block and its schema': ofBlock,
  "a pool's job template": ofTemplate,
  "a state's data": ofState,
}

describe('what is read is what was sent, number for number', () => {
  const holds = (place: Place, arbitrary: fc.Arbitrary<string>) =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (text) => {
        const { member, answers } = await place(text)
        // Within the braces: other members are around it in the answer.
        for (const answer of answers) expect(answer).toContain(member.slice(1, -1))
      }),
      { numRuns: 25 },
    )

  it.each(Object.entries(OBJECTS))('in %s', async (_, place) => {
    await expect(holds(place, jsonObjectText())).resolves.toBeUndefined()
  })
  it.each(Object.entries(VALUES))('in %s', async (_, place) => {
    const given = jsonText().filter((text) => text !== 'null')
    await expect(holds(place, given)).resolves.toBeUndefined()
  })
})
