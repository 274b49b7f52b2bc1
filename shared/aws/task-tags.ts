import type { Tag } from '@aws-sdk/client-ecs'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { isNumber } from '#shared/json/written-number.ts'
import type { LaunchVariables } from './launch-variables.ts'

/** What ECS takes: 50 tags of a resource, and letters, digits, spaces and some signs in them. */
const TAGS_MAX = 50
const KEY_MAX = 128
const VALUE_MAX = 256
const NOT_IN_TAGS = /[^\p{L}\p{N}\p{Z}_.:/=+\-@]+/gu
/** Keys that AWS keeps for itself. */
const RESERVED = /^aws:/i

/**
 * Tags of a task, for people and for the bill: the run, and the labels of its job variables as far as ECS takes them.
 * Nothing reads them back: ECS deletes a task's tags when it is stopped.
 */
export function tagsOf(request: LaunchRequest, { labels }: LaunchVariables): Tag[] {
  const own = { 'pushpool:run': request.runId, 'pushpool:run-name': request.name }
  // Declared, as TypeScript takes the values of a spread that may be null for text: job variables hold any JSON.
  const given: Record<string, unknown> = { ...request.labels, ...labels, ...own }
  const tags = new Map<string, string>()
  for (const [name, value] of Object.entries(given)) {
    const key = cleaned(name, KEY_MAX)
    if (key !== '' && !RESERVED.test(key) && isPlain(value)) tags.set(key, cleaned(String(value), VALUE_MAX))
  }
  return [...tags].map(([key, value]) => ({ key, value })).slice(-TAGS_MAX)
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || isNumber(value) || typeof value === 'boolean'
}

function cleaned(text: string, max: number): string {
  return text.replaceAll(NOT_IN_TAGS, '-').trim().slice(0, max)
}
