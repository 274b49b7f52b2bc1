import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillJob, planJob, templateProblems } from '#shared/ecs-task/plan-job.ts'
import { templateProblem } from '#shared/work-pool/base-job-template.ts'
import { readDocument } from '../../../../functions/api/documents/worker-types.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
})
afterAll(() => world.close())

const types = Object.values(readDocument()).flatMap((collection) => Object.entries(collection))
const templateOf = (type: string): Json =>
  types.find(([name]) => name === type)?.[1].default_base_job_configuration ?? expect.fail(type)

describe('the view of worker types', () => {
  it('lists the pool types that clients choose from', async () => {
    const { status, body } = await http.get('/collections/views/aggregate-worker-metadata')
    expect(status).toBe(200)
    expect(body).toEqual(readDocument())
    expect(types.map(([name]) => name)).toEqual(
      expect.arrayContaining(['process', 'prefect-agent', 'docker', 'kubernetes', 'ecs', 'ecs:push']),
    )
    for (const [name, type] of types)
      expect(type).toMatchObject({ type: name, description: expect.stringMatching(/\.$/) })
    expect((await http.get('/collections/views/other')).status).toBe(404)
  })

  it.each(types)('has a template for %s that a pool can be created with', async (name, type) => {
    const { default_base_job_configuration: template } = type
    expect(templateProblem(template)).toBeUndefined()
    const pool = { name: `of ${name}`, type: name, base_job_template: template }
    expect((await http.post('/work_pools/', pool)).body.base_job_template).toEqual(template)
  })
})

describe('the template of push pools', () => {
  it('has what Prefect requires to deploy an image or provision infrastructure', () => {
    expect(Object.keys(templateOf('ecs:push').variables.properties)).toEqual(
      expect.arrayContaining(['image', 'aws_credentials', 'cluster', 'vpc_id', 'execution_role_arn']),
    )
  })

  it('leads to the same launch as the job variables without a template', () => {
    const deployment = {
      name: 'n',
      command: ['echo', 'a b'],
      image: 'image:1',
      env: { A: 'b' },
      labels: { team: 'x' },
      cpu: 512,
      memory: 1024,
      timeout_seconds: 60,
      family: 'f',
      cluster: 'c',
      launch_type: 'FARGATE_SPOT',
      network_configuration: { subnets: ['subnet-1'] },
      secrets: { TOKEN: 'arn:aws:secretsmanager:eu-central-1:1:secret:a' },
      cpu_architecture: 'ARM64',
      prefect_api_key_secret_arn: 'arn:aws:secretsmanager:eu-central-1:1:secret:b',
    }
    const plan = (template: Json) => planJob(fillJob({ template, deployment, run: {} }), new Map() as never)
    const [filled, flat] = [plan(templateOf('ecs:push')), plan({})]
    expect(filled.problems).toEqual([])
    expect(filled.job).toEqual(flat.job)
    expect(filled.variables).toMatchObject(flat.variables)
  })

  it('is valid by itself, and with what --provision-infrastructure sets in it', () => {
    const template = structuredClone(templateOf('ecs:push'))
    expect(templateProblems(template)).toEqual([])
    const { properties } = template.variables
    for (const name of ['vpc_id', 'execution_role_arn', 'cluster']) properties[name].default = 'given'
    properties.aws_credentials.default = { $ref: { block_document_id: '00000000-0000-4000-8000-000000000000' } }
    expect(templateProblems(template)).toEqual([])
  })

  it('is the default of push pools, and of no others', async () => {
    const create = async (pool: Json) => (await http.post('/work_pools/', pool)).body.base_job_template
    expect(await create({ name: 'push none', type: 'ecs:push' })).toEqual(templateOf('ecs:push'))
    expect(await create({ name: 'push null', type: 'ecs:push', base_job_template: null })).toEqual(
      templateOf('ecs:push'),
    )
    expect(await create({ name: 'push empty', type: 'ecs:push', base_job_template: {} })).toEqual({})
    expect(await create({ name: 'pull', type: 'ecs' })).toEqual({})
  })
})
