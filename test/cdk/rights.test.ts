import type { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, it } from 'vitest'
import { FUNCTION_NAMES } from '#shared/config.ts'
import { DEPLOYMENT_INDEX, PHASE_INDEX, TIME_INDEX } from '#shared/storage/dynamo/table.ts'
import { TABLE_RIGHTS } from '../../cdk/table-rights.ts'
import { bundledCode } from '../support/bundled-code.ts'
import { type Right, rightsOf, rightsTable } from '../support/rights.ts'
import { resourcesOf, templateOf } from '../support/stack.ts'

let template: Template
let rights: Right[]
beforeAll(() => {
  template = templateOf()
  rights = rightsOf(template)
})

const mayDo = (pattern: RegExp) =>
  rights.filter(({ actions }) => actions.some((action) => pattern.test(action))).map(({ role }) => role)

/** Statements whose resource is everything, and why there is nothing narrower. */
const EVERYTHING = [
  'ecr:GetAuthorizationToken', // supports no resource
  'ecs:ListTasks', // limited to the cluster by a condition
  'ecs:RegisterTaskDefinition', // supports no resource
]

describe('permissions', () => {
  it('match the reviewed file', async () => {
    await expect(rightsTable(rights)).toMatchFileSnapshot('rights.txt')
  })

  it('to launch are held by dispatcher and sweeper alone, on this cluster and these families', () => {
    const launching = rights.filter(({ actions }) => actions.includes('ecs:RunTask'))
    expect(launching.map(({ role }) => role)).toEqual(['FunctionsDispatcherRole', 'FunctionsSweeperRole'])
    for (const { resources, conditions } of launching) {
      expect(resources).toEqual(['arn:partition:ecs:region:accountid:task-definition/pushpool-*:*'])
      expect(conditions).toEqual(['ecs:cluster ArnEquals ComputeCluster.Arn'])
    }
  })

  it('to pass roles cover two roles, and only to ECS tasks', () => {
    const passing = rights.filter(({ actions }) => actions.includes('iam:PassRole'))
    expect(passing.map(({ role }) => role)).toEqual(['FunctionsDispatcherRole', 'FunctionsSweeperRole'])
    for (const { resources, conditions } of passing) {
      expect(resources).toEqual(['ComputeTaskRole.Arn', 'ComputeExecutionRole.Arn'])
      expect(conditions).toEqual(['iam:PassedToService StringEquals ecs-tasks.amazonaws.com'])
    }
  })

  it('for ECS are not held by functions that serve requests or receive events', () => {
    expect(new Set(mayDo(/^ecs:/))).toEqual(new Set(['FunctionsDispatcherRole', 'FunctionsSweeperRole']))
  })

  it('name their actions, and their resources wherever AWS allows it', () => {
    expect(mayDo(/\*/)).toEqual([])
    const open = rights.filter(({ resources }) => resources.includes('*')).flatMap(({ actions }) => actions)
    expect([...new Set(open)].toSorted()).toEqual(EVERYTHING)
  })

  it('come from no other policies', () => {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns')
      expect(Properties).not.toHaveProperty('Policies')
    }
  })
})

/** Actions that code uses, by the text that only bundles using them contain. */
const WORDS: Record<string, RegExp> = {
  BatchGetItem: /new BatchGetItemCommand\(/,
  BatchWriteItem: /new BatchWriteItemCommand\(/,
  ConditionCheckItem: /function checkAction\(/,
  DeleteItem: /new DeleteItemCommand\(|function deleteAction\(/,
  GetItem: /new GetItemCommand\(/,
  PutItem: /new PutItemCommand\(|function putAction\(/,
  UpdateItem: /new UpdateItemCommand\(|function updateAction\(/,
}
const INDEXES = { PHASE_INDEX, TIME_INDEX, DEPLOYMENT_INDEX }

describe.each(FUNCTION_NAMES)('%s', (name) => {
  it('may do to the table what its code does, and nothing else', async () => {
    const code = await bundledCode(name)
    const items = Object.keys(WORDS).filter((action) => WORDS[action]?.test(code))
    const queries = Object.entries(INDEXES).filter(([word]) => code.includes(`var ${word} =`))
    expect(TABLE_RIGHTS[name].items).toEqual(items)
    expect(TABLE_RIGHTS[name].queries).toEqual(queries.map(([, index]) => index))
    expect(/new QueryCommand\(/.test(code)).toBe(queries.length > 0)
  })
})
