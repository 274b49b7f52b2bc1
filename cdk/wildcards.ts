import { Stack, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/**
 * Says why resources must be named with a `*`, in policies below a construct. cdk-nag wants each by its own text, in
 * which it writes references as their names in angle brackets.
 */
export function acknowledgeWildcards(scope: IConstruct, resources: readonly string[], reason: string): void {
  const texts = resources.map((resource) => textOf(Stack.of(scope).resolve(resource)))
  const ids = texts.map((text) => `AwsSolutions-IAM5[Resource::${text}]`)
  // The other rule pack minds only this one.
  if (texts.includes('*')) ids.push('Serverless-StarPermissions')
  Validations.of(scope).acknowledge(...ids.map((id) => ({ id, reason })))
}

/** A resolved token: text, a reference to a resource, or a concatenation of these. */
function textOf(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved
  const { Ref: reference, 'Fn::Join': join, 'Fn::GetAtt': attribute } = resolved as Record<string, unknown>
  if (Array.isArray(join)) return (join[1] as unknown[]).map(textOf).join(String(join[0]))
  return `<${Array.isArray(attribute) ? attribute.join('.') : String(reference)}>`
}
