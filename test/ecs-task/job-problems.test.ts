import { describe, expect, it } from 'vitest'
import { OVERRIDES_CHARS_MAX } from '#shared/bounds.ts'
import { jobProblems } from '#shared/ecs-task/job-problems.ts'
import { NO_EXTRAS } from '#shared/ecs-task/launch-extras.ts'
import { overridesChars } from '#shared/ecs-task/launch-request.ts'
import { fillJob, planJob } from '#shared/ecs-task/plan-job.ts'
import { identityEnv } from '#shared/ecs-task/run-identity.ts'
import { NOTHING_FOUND } from '#shared/template/references.ts'
import { aDeployment } from '../support/fixtures/a-deployment.ts'
import { aRun } from '../support/fixtures/a-run.ts'

const apiUrl = 'https://abcdefghij.execute-api.eu-central-1.amazonaws.com/api'
const template = { variables: { properties: { cpu: { default: 256 }, image: { default: 'base' } } } }
const push = { type: 'ecs:push', baseJobTemplate: template }

function variablesAtFault(deployment: Record<string, unknown>, run: Record<string, unknown> = {}, pool = push) {
  const launched = pool.type === 'ecs:push'
  const filled = fillJob({ template: pool.baseJobTemplate, deployment, run })
  const planned = launched ? planJob(filled, NOTHING_FOUND) : undefined
  return jobProblems({ pool, deployment, run, apiUrl }, planned).map((problem) => problem.variable)
}

describe('job variables', () => {
  it('are valid when they make a job', () => {
    expect(variablesAtFault({ command: 'echo hello', env: { A: 'b' } }, { cpu: 512, timeout_seconds: 60 })).toEqual([])
    expect(variablesAtFault({})).toEqual([])
  })

  it('are checked as merged, so that a run can correct its deployment', () => {
    expect(variablesAtFault({ cpu: 'lots' })).toEqual(['cpu'])
    expect(variablesAtFault({ cpu: 'lots' }, { cpu: 512 })).toEqual([])
  })

  it('may not choose a role', () => {
    expect(variablesAtFault({}, { task_role_arn: 'arn' })).toEqual(['task_role_arn'])
    expect(variablesAtFault({ execution_role_arn: null })).toEqual([])
  })

  it('may not hold a secret, in any pool', () => {
    const secret = { env: { KEY: '-----BEGIN EC PRIVATE KEY-----' } }
    expect(variablesAtFault(secret)).toEqual(['env.KEY'])
    expect(variablesAtFault({}, secret, { ...push, type: 'process' })).toEqual(['env.KEY'])
    expect(jobProblems({ pool: undefined, deployment: secret, run: {}, apiUrl }, undefined)).toHaveLength(1)
  })

  it('are left to the workers in other pools', () => {
    expect(variablesAtFault({ cpu: '500m', command: 5 }, {}, { ...push, type: 'kubernetes' })).toEqual([])
  })

  it('must fit into the overrides of an ECS task, with what a launch adds', () => {
    const length = (chars: number) => variablesAtFault({ command: ['x'.repeat(chars)] })
    expect(length(7_000)).toEqual([])
    expect(length(OVERRIDES_CHARS_MAX)).toEqual(['command'])
    expect(variablesAtFault({ env: { A: 'x'.repeat(9_000) } })).toEqual(['env'])
  })

  it('leave as much room as a launch needs', () => {
    const flow = {
      run: aRun({ generation: 999_999 }),
      deployment: aDeployment(),
      flowName: undefined,
      poolName: undefined,
    }
    const own = identityEnv(flow, apiUrl, {})
    const request = { command: [], cpu: null, memoryMib: null, extras: NO_EXTRAS }
    const empty = overridesChars({ ...request, env: {}, configuration: {} })
    const added = overridesChars({ ...request, env: own, configuration: { container_name: 'x'.repeat(64) } }) - empty
    let room = OVERRIDES_CHARS_MAX
    while (variablesAtFault({ command: ['x'.repeat(room)] }).length > 0) room -= 1
    expect(room + empty + added).toBeLessThanOrEqual(OVERRIDES_CHARS_MAX)
  })
})
