import type { Context, MiddlewareHandler } from 'hono'
import type { Deps } from '#shared/deps.ts'
import { type CalledFor, SignsOfLife } from '#shared/engine/flow-run/signs-of-life.ts'
import { errorFields } from '#shared/errors.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { fenceOf } from './named-claim.ts'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const PATH = new RegExp(`^/api/(flow_runs|task_runs)/(${UUID})(?:/|$)`, 'i')
const ID = new RegExp(`^${UUID}$`, 'i')
/** What an agent calls all the time is about none of a worker's runs. */
const CLAIM = /^\/api\/work_pools\/[^/]+\/claim$/
/** Logs come in batches, of one run as a rule. */
const ITEMS_MAX = 1_000

/**
 * Any call about a run is a sign that its process lives: its path names the run or a task run of it, or its body does. A
 * person who looks at a run in a browser is none. Reads no body unless some pool wants to know.
 */
export function noteCalls(deps: Deps): MiddlewareHandler {
  const signs = new SignsOfLife(deps)
  return async (c, next) => {
    const isOther = c.req.header('sec-fetch-mode') !== undefined || CLAIM.test(c.req.path)
    if (isOther || (await isUnwanted(deps, signs))) return await next()
    // A copy, since a request's body can be read once.
    const copy = c.req.raw.clone()
    await next()
    try {
      await signs.note(calledFor(c, await bodyOf(copy)))
    } catch (error) {
      deps.log.warn('sign of life not noted', errorFields(error))
    }
  }
}

async function isUnwanted(deps: Deps, signs: SignsOfLife): Promise<boolean> {
  try {
    return !(await signs.areWanted())
  } catch (error) {
    deps.log.warn('sign of life not noted', errorFields(error))
    return true
  }
}

function calledFor(c: Context, body: unknown): CalledFor {
  const [, kind, id] = PATH.exec(c.req.path) ?? []
  const runIds = new Set<string>(kind === 'flow_runs' && id ? [id.toLowerCase()] : [])
  const taskRunIds = new Set<string>(kind === 'task_runs' && id ? [id.toLowerCase()] : [])
  for (const item of itemsOf(body)) {
    const holder = isRecord(item.holder) ? item.holder : {}
    add(runIds, item.flow_run_id)
    add(taskRunIds, item.task_run_id)
    add(taskRunIds, item.parent_task_run_id)
    add(holder.type === 'flow_run' ? runIds : taskRunIds, holder.id)
  }
  const [only] = runIds
  const fence = only === undefined ? undefined : fenceOf({ header: (name) => c.req.header(name) }, only)
  return { runIds: [...runIds], taskRunIds: runIds.size > 0 ? [] : [...taskRunIds], fence }
}

function add(ids: Set<string>, value: unknown): void {
  if (typeof value === 'string' && ID.test(value)) ids.add(value.toLowerCase())
}

function itemsOf(body: unknown): Record<string, unknown>[] {
  const items: unknown[] = Array.isArray(body) ? body.slice(0, ITEMS_MAX) : [body]
  return items.filter(isRecord)
}

async function bodyOf(request: Request): Promise<unknown> {
  try {
    return JSON.parse(await request.text()) as unknown
  } catch {
    return undefined
  }
}
