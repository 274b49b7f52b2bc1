import { describe, expect, it } from 'vitest'
import { OVERRIDES_CHARS_MAX } from '#shared/bounds.ts'
import { type LaunchRequest, launchToken } from '#shared/ecs-task/ecs-task.ts'
import { NO_EXTRAS } from '#shared/ecs-task/launch-extras.ts'
import { type LaunchSubject, launchRequest, overridesChars, overridesOf } from '#shared/ecs-task/launch-request.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { aDeployment } from '../support/fixtures/a-deployment.ts'
import { aFlow } from '../support/fixtures/a-flow.ts'
import { DEPLOYMENT_ID, FLOW_ID, LIFE, POOL_ID, RUN_ID, runIn, someDetails } from '../support/fixtures/a-run.ts'

const API = 'https://api.example/prod'
const claimed = (overrides: Partial<FlowRun> = {}) => runIn('PENDING', { job: 'command', launch: null, ...overrides })
const subject = (overrides: Partial<LaunchSubject> = {}): LaunchSubject => ({
  run: claimed(),
  deployment: aDeployment({ jobVariables: { command: ['make', 'it'] } }),
  pool: { name: 'nightly-pool', baseJobTemplate: {} },
  flow: aFlow('import'),
  apiUrl: API,
  ...overrides,
})

function requestOf(given: LaunchSubject): LaunchRequest {
  const decision = launchRequest(given)
  if (decision.kind !== 'launch') throw new Error(decision.reason)
  return decision.request
}

it('a command is launched as is, with its identity in the environment', () => {
  expect(requestOf(subject())).toEqual({
    token: launchToken(claimed(), 1),
    startedBy: `${RUN_ID}/${LIFE}/1`,
    runId: RUN_ID,
    name: 'brisk-otter',
    labels: {
      'prefect.io/flow-run-id': RUN_ID,
      'prefect.io/flow-run-name': 'brisk-otter',
      'prefect.io/flow-id': FLOW_ID,
      'prefect.io/flow-name': 'import',
      'prefect.io/deployment-id': DEPLOYMENT_ID,
      'prefect.io/deployment-name': 'nightly',
      'prefect.io/work-pool-id': POOL_ID,
      'prefect.io/work-pool-name': 'nightly-pool',
    },
    command: ['make', 'it'],
    image: null,
    env: { PUSHPOOL_API_URL: API, PUSHPOOL_RUN_ID: RUN_ID, PUSHPOOL_GENERATION: '1' },
    cpu: null,
    memoryMib: null,
    configuration: { command: ['make', 'it'] },
    extras: NO_EXTRAS,
  })
})

it("a flow runs Prefect's command unless its deployment sets another, and knows where to report", () => {
  const run = claimed({ job: 'flow' })
  const flow = requestOf(subject({ run, deployment: aDeployment() }))
  expect(flow.command).toEqual(['prefect', 'flow-run', 'execute'])
  expect(flow.env).toEqual({
    PUSHPOOL_API_URL: API,
    PUSHPOOL_RUN_ID: RUN_ID,
    PUSHPOOL_GENERATION: '1',
    PREFECT_API_URL: API,
    PREFECT__FLOW_RUN_ID: RUN_ID,
    PREFECT__FLOW_ID: FLOW_ID,
    PREFECT__FLOW_NAME: 'import',
    PREFECT__DEPLOYMENT_ID: DEPLOYMENT_ID,
    PREFECT__DEPLOYMENT_NAME: 'nightly',
    PREFECT_CLIENT_CUSTOM_HEADERS: `{"X-Pushpool-Generation":"${RUN_ID}/${LIFE}/1"}`,
  })
  expect(requestOf(subject({ run })).command).toEqual(['make', 'it'])
})

it('the run overrides the deployment, and the deployment the pool', () => {
  const defaults = { image: { default: 'pool' }, cpu: { default: 256 }, memory: { default: 512 } }
  const request = requestOf({
    run: claimed({ details: someDetails({ jobVariables: { memory: 4096, env: { A: 'run' } } }) }),
    deployment: aDeployment({ jobVariables: { command: 'true', image: 'deployment', env: { A: 'd', B: 'd' } } }),
    pool: { name: 'p', baseJobTemplate: { job_configuration: {}, variables: { properties: defaults } } },
    flow: undefined,
    apiUrl: API,
  })
  expect(request).toMatchObject({ command: ['true'], image: 'deployment', cpu: 256, memoryMib: 4096 })
  expect(request.env).toMatchObject({ A: 'run', B: 'd' })
})

it('a template names the task, of a run whose pool is there', () => {
  const baseJobTemplate = { job_configuration: { command: '{{ command }}', name: '{{ name }}' } }
  const deployment = aDeployment({ jobVariables: { command: 'true', name: 'etl-{{ ctx.flow.name }}' } })
  expect(requestOf(subject({ pool: { name: 'p', baseJobTemplate }, deployment })).name).toBe('etl-import')
  const poolless = requestOf(subject({ pool: undefined, deployment }))
  expect(poolless).toMatchObject({ command: ['true'], name: 'brisk-otter' })
  expect(Object.keys(poolless.labels)).not.toContain('prefect.io/work-pool-name')
})

it("job variables cannot override the run's identity", () => {
  const env = { PUSHPOOL_RUN_ID: 'other', PUSHPOOL_GENERATION: '9', PREFECT__FLOW_RUN_ID: 'other' }
  const deployment = aDeployment({ jobVariables: { env } })
  const request = requestOf(subject({ run: claimed({ job: 'flow' }), deployment }))
  expect(request.env).toMatchObject({
    PUSHPOOL_RUN_ID: RUN_ID,
    PUSHPOOL_GENERATION: '1',
    PREFECT__FLOW_RUN_ID: RUN_ID,
  })
})

describe("a flow's own headers", () => {
  const headersWith = (given: string) => {
    const deployment = aDeployment({ jobVariables: { env: { PREFECT_CLIENT_CUSTOM_HEADERS: given } } })
    return requestOf(subject({ run: claimed({ job: 'flow' }), deployment })).env.PREFECT_CLIENT_CUSTOM_HEADERS
  }

  it('are kept alongside the fencing header, which they cannot replace', () => {
    const headers = JSON.parse(headersWith('{"X-Team": "a", "x-pushpool-generation": "9"}') ?? '')
    expect(headers).toEqual({ 'X-Team': 'a', 'X-Pushpool-Generation': `${RUN_ID}/${LIFE}/1` })
    expect(headersWith('')).toBe(`{"X-Pushpool-Generation":"${RUN_ID}/${LIFE}/1"}`)
  })

  it.each(['[]', 'X-Team: a'])('are left for Prefect to reject when they are not a JSON object: %s', (given) => {
    expect(headersWith(given)).toBe(given)
  })
})

it('names are omitted where they would make the overrides too long for ECS', () => {
  const env = (fill: number) => {
    const deployment = aDeployment({ jobVariables: { env: { FILL: 'x'.repeat(fill) } } })
    const request = requestOf(subject({ run: claimed({ job: 'flow' }), deployment }))
    return { env: request.env, chars: overridesChars(request) }
  }
  const spare = OVERRIDES_CHARS_MAX - env(0).chars
  expect(env(spare)).toMatchObject({ chars: OVERRIDES_CHARS_MAX, env: { PREFECT__FLOW_NAME: 'import' } })
  expect(Object.keys(env(spare + 1).env)).not.toContain('PREFECT__FLOW_NAME')
  expect(env(spare + 1).env).toMatchObject({ PREFECT__FLOW_RUN_ID: RUN_ID, PREFECT__DEPLOYMENT_ID: DEPLOYMENT_ID })
})

describe('repeating a launch', () => {
  it('makes the same request, byte for byte', () => {
    const again = () => JSON.stringify(requestOf(structuredClone(subject())))
    expect(again()).toBe(again())
  })

  it('is another launch in another generation or attempt', () => {
    const next = requestOf(subject({ run: claimed({ generation: 2 }) }))
    expect(next).toMatchObject({ token: launchToken(claimed({ generation: 2 }), 1), startedBy: `${RUN_ID}/${LIFE}/2` })
    const second = claimed({ launch: { attempt: 2, taskArn: null, taskVersion: 0 } })
    expect(requestOf(subject({ run: second }))).toMatchObject({
      token: launchToken(claimed(), 2),
      startedBy: `${RUN_ID}/${LIFE}/1`,
    })
  })
})

describe('what cannot be launched', () => {
  const IMPOSSIBLE: [string, Partial<LaunchSubject>, 'CRASHED' | 'CANCELLED', string][] = [
    [
      'a deployment that was deleted',
      { deployment: undefined },
      'CANCELLED',
      `Deployment ${DEPLOYMENT_ID} has been deleted.`,
    ],
    ['no command', { deployment: aDeployment() }, 'CRASHED', 'There is no command to run.'],
    [
      'a variable that became unusable',
      { deployment: aDeployment({ jobVariables: { command: 'true', cpu: 'many' } }) },
      'CRASHED',
      "Job variable 'cpu' must be a positive whole number of CPU units (1024 is one vCPU).",
    ],
    [
      'references that could not be looked up',
      { found: new TemplateError('Block not found.') },
      'CRASHED',
      'Block not found.',
    ],
  ]
  it.each(IMPOSSIBLE)('%s', (_what, overrides, end, reason) => {
    expect(launchRequest(subject(overrides))).toEqual({ kind: 'impossible', end, reason })
  })

  it('raises what is no fault of the job', () => {
    const run = claimed({ details: undefined as never })
    expect(() => launchRequest(subject({ run }))).toThrow(TypeError)
  })

  it('is not a run that never had a deployment', () => {
    const details = someDetails({ jobVariables: { command: 'true' } })
    const run = claimed({ deploymentId: null, details })
    expect(launchRequest(subject({ run, deployment: undefined })).kind).toBe('launch')
  })
})

describe('the overrides', () => {
  it('name the main container, with what is set and nothing else', () => {
    const { name, ...rest } = overridesOf(requestOf(subject())).containerOverrides[0] ?? { name: '' }
    expect(name).toBe('main')
    expect(Object.keys(rest)).toEqual(['command', 'environment'])
  })

  it("carry sizes, and the template's container name", () => {
    const jobVariables = { command: 'true', cpu: 256, memory: 512, container_name: 'job', task_role_arn: 'arn:x' }
    const overrides = overridesOf(requestOf(subject({ deployment: aDeployment({ jobVariables }) })))
    expect(overrides.containerOverrides[0]).toMatchObject({ name: 'job', cpu: 256, memory: 512 })
    const containerDefinitions = [{ name: 'job' }, { name: 'log', image: 'fluent:1' }]
    const job_configuration = { command: 'true', cpu: 256, memory: 512, task_definition: { containerDefinitions } }
    const shared = requestOf(subject({ pool: { name: 'p', baseJobTemplate: { job_configuration } } }))
    expect(shared).toMatchObject({ cpu: 256, memoryMib: 512 })
    expect(Object.keys(overridesOf(shared).containerOverrides[0] ?? {})).toEqual(['name', 'command', 'environment'])
    // Never a role: choosing one would grant all its permissions.
    expect(JSON.stringify(overrides)).not.toContain('arn:x')
  })

  it('are counted as ECS counts them, JSON included', () => {
    const request = requestOf(subject())
    expect(overridesChars(request)).toBe(JSON.stringify(overridesOf(request)).length)
    expect(overridesChars({ ...request, command: ['make', 'it', '"'] })).toBe(overridesChars(request) + 5)
  })
})
