import { expect, it } from 'vitest'
import { deploymentIdOf } from '#shared/deployment/deployment.ts'
import { blankDeployment, changeDeployment, NO_PLACE } from '#shared/deployment/deployment-change.ts'
import { aDeployment } from '../support/fixtures/a-deployment.ts'
import { at, DEPLOYMENT_ID, FLOW_ID, LIFE, T0 } from '../support/fixtures/a-run.ts'

const PLACE = { poolId: 'p', poolName: 'pool', queueId: 'q', queueName: 'queue' }

it('a new deployment has defaults, takes parameters of any kind, and goes nowhere', () => {
  const identity = { id: DEPLOYMENT_ID, life: LIFE, flowId: FLOW_ID, name: 'nightly' }
  expect(blankDeployment(identity, T0)).toEqual({
    ...aDeployment({ ...identity, parameterOpenapiSchema: { type: 'object', properties: {} } }),
    enforceParameterSchema: true,
    poolId: null,
    poolName: null,
    queueId: null,
    queueName: null,
  })
})

it('a change replaces what it names, null included, and nothing else; where runs go was resolved before', () => {
  const before = aDeployment({ version: '1', description: 'old', tags: ['a'] })
  const change = { version: null, description: undefined, paused: true, poolName: 'x', queueName: 'y' }
  expect(changeDeployment(before, change, PLACE, at(1))).toEqual({
    ...before,
    ...PLACE,
    version: null,
    paused: true,
    updated: at(1),
  })
  expect(changeDeployment(before, {}, NO_PLACE, at(1))).toMatchObject({ poolId: null, queueName: null })
})

it('options of the limit stay when left out, are set together, and cleared by null', () => {
  const options = { collisionStrategy: 'CANCEL_NEW' as const, gracePeriodSeconds: 60 }
  const before = aDeployment(options)
  expect(changeDeployment(before, {}, PLACE, at(1))).toMatchObject(options)
  const other = { collisionStrategy: 'ENQUEUE' as const, gracePeriodSeconds: null }
  expect(changeDeployment(before, { concurrencyOptions: other }, PLACE, at(1))).toMatchObject(other)
  expect(changeDeployment(before, { concurrencyOptions: options }, PLACE, at(1))).toMatchObject(options)
  const none = { collisionStrategy: null, gracePeriodSeconds: null }
  expect(changeDeployment(before, { concurrencyOptions: null }, PLACE, at(1))).toMatchObject(none)
})

it('deployments are told apart by their flow and name, which always give the same id', () => {
  expect(deploymentIdOf('f', 'a')).toBe(deploymentIdOf('f', 'a'))
  const ids = [deploymentIdOf('f', 'a'), deploymentIdOf('f', 'b'), deploymentIdOf('g', 'a')]
  expect(new Set(ids).size).toBe(3)
})
