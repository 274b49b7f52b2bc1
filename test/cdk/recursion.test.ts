import type { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, expect, it } from 'vitest'
import { SHAPES } from '../../cdk/function-shapes.ts'
import { type Right, rightsOf } from '../support/rights.ts'
import { type Resource, resourcesOf, templateOf } from '../support/stack.ts'

let template: Template
let rights: Right[]
beforeAll(() => {
  template = templateOf()
  rights = rightsOf(template)
})

const functions = () => resourcesOf(template, 'AWS::Lambda::Function')
const descriptionOf = ({ Properties }: Resource) => String(Properties.Description)
const idIn = (value: unknown): string => {
  const { Ref: id, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: string[] }
  return id ?? attribute?.[0] ?? ''
}

/** The functions that a function's messages reach: through the queues that it may send to, and their mappings. */
function wokenBy(lambdaId: string): string[] {
  const lambda = functions().find(([id]) => id === lambdaId)?.[1]
  const role = idIn(lambda?.Properties.Role)
  const sendsTo = rights
    .filter((right) => role.includes(right.role) && right.actions.includes('sqs:SendMessage'))
    .flatMap(({ resources }) => resources.map((resource) => resource.replace(/\.Arn$/, '')))
  return resourcesOf(template, 'AWS::Lambda::EventSourceMapping')
    .filter(([, { Properties }]) => sendsTo.some((queue) => idIn(Properties.EventSourceArn).includes(queue)))
    .map(([, { Properties }]) => idIn(Properties.FunctionName))
}

function reachedFrom(lambdaId: string): Set<string> {
  const reached = new Set<string>()
  for (let next = wokenBy(lambdaId); next.length > 0; next = next.flatMap(wokenBy)) {
    next = next.filter((id) => !reached.has(id))
    for (const id of next) reached.add(id)
  }
  return reached
}

it('functions whose messages come back to them may go on for as long as they like, and only those', () => {
  const onCycle = functions().filter(([id]) => reachedFrom(id).has(id))
  const allowed = functions().filter(([, { Properties }]) => Properties.RecursiveLoop === 'Allow')
  expect(onCycle.map(([, lambda]) => descriptionOf(lambda))).toEqual([SHAPES.dispatcher.description])
  expect(allowed).toEqual(onCycle)
})

it('the functions that only start such a chain reach the dispatcher, and are never reached', () => {
  const dispatcher = functions().find(([, each]) => descriptionOf(each) === SHAPES.dispatcher.description)?.[0] ?? ''
  const starting = functions().filter(([id]) => id !== dispatcher && wokenBy(id).includes(dispatcher))
  const { api, sweeper } = SHAPES
  expect(starting.map(([, lambda]) => descriptionOf(lambda)).toSorted()).toEqual(
    [api.description, sweeper.description, SHAPES['task-events'].description].toSorted(),
  )
  for (const [id] of starting) expect(reachedFrom(id)).not.toContain(id)
})
