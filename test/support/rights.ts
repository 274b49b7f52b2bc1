import type { Template } from 'aws-cdk-lib/assertions'
import { resourcesOf } from './stack.ts'

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: unknown
  Condition?: Record<string, Record<string, unknown>>
}

/** What one role may do, one line per statement. */
export interface Right {
  role: string
  effect: string
  actions: string[]
  resources: string[]
  conditions: string[]
}

/** The permissions of every role in a template, readable for a reviewer; references are resources' short names. */
export function rightsOf(template: Template): Right[] {
  return resourcesOf(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) => {
    const { PolicyDocument, Roles } = Properties as { PolicyDocument: { Statement: Statement[] }; Roles: unknown[] }
    return Roles.flatMap((role) => PolicyDocument.Statement.map((each) => rightOf(textOf(role), each)))
  })
}

function rightOf(role: string, { Effect, Action, Resource, Condition = {} }: Statement): Right {
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => `${key} ${operator} ${[value].flat().map(textOf).join(' ')}`),
  )
  return {
    role,
    effect: Effect,
    actions: [Action].flat(),
    resources: [Resource].flat().map(textOf),
    conditions,
  }
}

/** An intrinsic function of CloudFormation as short text: `Ref` and `GetAtt` as the logical id without its hash. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const { Ref: reference, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Record<string, unknown>
  if (Array.isArray(join)) return (join[1] as unknown[]).map(textOf).join(String(join[0]))
  if (Array.isArray(attribute)) return `${shortName(String(attribute[0]))}.${String(attribute[1])}`
  return shortName(String(reference))
}

function shortName(id: string): string {
  if (id.startsWith('AWS::')) return id.replace('AWS::', '').toLowerCase()
  return id.replace(/^PushPool/, '').replace(/[0-9A-F]{8}$/, '')
}

/** As a text table: a block per role, a line per statement, sorted. */
export function rightsTable(rights: readonly Right[]): string {
  const alphabetical = (a: string, b: string) => (a < b ? -1 : 1)
  const blocks = [...Map.groupBy(rights, ({ role }) => role)].map(([role, mine]) => {
    const lines = mine.map(lineOf).toSorted(alphabetical)
    return [role, ...lines.map((line) => `  ${line}`)].join('\n')
  })
  return `${blocks.toSorted(alphabetical).join('\n\n')}\n`
}

function lineOf({ effect, actions, resources, conditions }: Right): string {
  const allowed = effect === 'Allow' ? '' : `${effect} `
  const terms = conditions.length > 0 ? `  if ${conditions.join(' and ')}` : ''
  return `${allowed}${actions.join(' ')}  on ${resources.join(' ')}${terms}`
}
