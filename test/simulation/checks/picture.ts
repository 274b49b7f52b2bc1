import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { phaseOf } from '#shared/flow-run/phase.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { fromItem, type Item } from '#shared/storage/dynamo/expression.ts'
import { decodeRun, detailsPlaceOf } from '#shared/storage/flow-run/run-codec.ts'
import { decodeDetails } from '#shared/storage/flow-run/run-details.ts'
import type { ItemChange } from '../table/rows/table-rows.ts'
import { readSession, type SessionItem } from './agents/session-item.ts'

/** A limit as it is stored, read without the code under test. */
export interface LimitItem {
  key: LimitKey
  life: string | undefined
  limit: number | null
  active: number
  available: number
  paused: boolean
  deleting: boolean
  counting: boolean
  /** Whether its first look for holders is done. */
  lookedAt: boolean
  epoch: number
}

/** A limit that code takes slots of by name, as it is stored. */
export interface GlobalItem {
  key: LimitKey
  created: number
  limit: number
  decayPerSecond: number
  active: number
  loose: number
  leased: number
}

interface LeaseItem {
  id: string
  until: number
  slots: number
  limits: { id: string; created: number }[]
}

interface RunItem {
  run: FlowRun
  /** Where the index finds it, when that is not where it should. */
  misplaced: string | undefined
}

/** All that is stored at one moment, as far as the checks need it. */
export interface Picture {
  /** By id and life: a run that is deleted and created again is another one. */
  runs: ReadonlyMap<string, FlowRun>
  limits: ReadonlyMap<LimitKey, LimitItem>
  globals: ReadonlyMap<LimitKey, GlobalItem>
  leases: ReadonlyMap<string, LeaseItem>
  sessions: ReadonlyMap<string, SessionItem>
  /** What deployments say of their limits. */
  caps: ReadonlyMap<string, number | null>
  /** And of runs whose agent is lost: those that are to wait again. */
  requeues: ReadonlySet<string>
  /** The deployments that are being deleted. */
  leaving: ReadonlySet<string>
  /** The pools that are known wherever runs are looked for by pool. */
  lines: ReadonlySet<string>
  /** Of the runs that are not where they should be: where the index finds them. */
  misplaced: ReadonlyMap<string, string>
}

export const NOTHING: Picture = {
  runs: new Map(),
  limits: new Map(),
  globals: new Map(),
  leases: new Map(),
  sessions: new Map(),
  caps: new Map(),
  requeues: new Set(),
  leaving: new Set(),
  lines: new Set(),
  misplaced: new Map(),
}

// Items never change; what is written anew is another item.
const runs = new WeakMap<Item, RunItem>()
const limits = new WeakMap<Item, LimitItem>()
const globals = new WeakMap<Item, GlobalItem>()
const leases = new WeakMap<Item, LeaseItem>()
const sessions = new WeakMap<Item, SessionItem>()
const deployments = new WeakMap<Item, DeploymentItem>()

/** Reads everything from the raw items of a table. */
export function pictureOf(items: Iterable<Item>): Picture {
  return pictureAfter(
    NOTHING,
    Array.from(items, (after) => ({ before: undefined, after })),
  )
}

/** A picture as it is after some writes; the parts that they did not touch are those of the one before. */
export function pictureAfter(picture: Picture, changes: readonly ItemChange[]): Picture {
  const draft = new Draft(picture)
  for (const { before, after } of changes) {
    if (before) draft.remove(before)
    if (after) draft.add(after)
  }
  return draft.picture
}

/** A picture that copies each part when it is first changed. */
class Draft {
  picture: Picture
  readonly #copied = new Set<keyof Picture>()

  constructor(picture: Picture) {
    this.picture = picture
  }

  add(item: Item): void {
    const place = placeOf(item)
    if (place === 'runs') {
      const { run, misplaced } = remembered(runs, item, readRun)
      this.#own('runs').set(lifeOf(run), run)
      if (misplaced) this.#own('misplaced').set(lifeOf(run), misplaced)
    } else if (place === 'globals') {
      const limit = remembered(globals, item, readGlobal)
      this.#own('globals').set(limit.key, limit)
    } else if (place === 'limits') {
      const limit = remembered(limits, item, readLimit)
      this.#own('limits').set(limit.key, limit)
    } else if (place === 'leases') {
      const lease = remembered(leases, item, readLease)
      this.#own('leases').set(lease.id, lease)
    } else if (place === 'sessions') {
      const session = remembered(sessions, item, readSession)
      this.#own('sessions').set(session.key, session)
    } else if (place === 'caps') {
      const id = item.sk?.S ?? ''
      const { cap, requeues } = remembered(deployments, item, readDeployment)
      this.#own('caps').set(id, cap)
      if (requeues) this.#own('requeues').add(id)
      if (item.deleting?.BOOL) this.#own('leaving').add(id)
    } else if (place === 'lines') this.#own('lines').add(item.sk?.S ?? '')
  }

  remove(item: Item): void {
    const place = placeOf(item)
    if (place === 'runs') {
      const life = lifeOf(remembered(runs, item, readRun).run)
      this.#own('runs').delete(life)
      if (this.picture.misplaced.has(life)) this.#own('misplaced').delete(life)
    } else if (place === 'globals') this.#own('globals').delete(remembered(globals, item, readGlobal).key)
    else if (place === 'limits') this.#own('limits').delete(remembered(limits, item, readLimit).key)
    else if (place === 'leases') this.#own('leases').delete(remembered(leases, item, readLease).id)
    else if (place === 'sessions') this.#own('sessions').delete(remembered(sessions, item, readSession).key)
    else if (place === 'caps') {
      const id = item.sk?.S ?? ''
      this.#own('caps').delete(id)
      if (this.picture.requeues.has(id)) this.#own('requeues').delete(id)
      if (this.picture.leaving.has(id)) this.#own('leaving').delete(id)
    } else if (place === 'lines') this.#own('lines').delete(item.sk?.S ?? '')
  }

  #own<Part extends keyof Picture>(part: Part): Changeable<Picture[Part]> {
    const given = this.picture[part]
    if (!this.#copied.has(part)) {
      const copy = given instanceof Set ? new Set(given) : new Map(given as ReadonlyMap<unknown, unknown>)
      this.picture = { ...this.picture, [part]: copy }
      this.#copied.add(part)
    }
    return this.picture[part] as Changeable<Picture[Part]>
  }
}

type Changeable<Part> =
  Part extends ReadonlyMap<infer Key, infer Value>
    ? Map<Key, Value>
    : Part extends ReadonlySet<infer Key>
      ? Set<Key>
      : never

function placeOf({ pk, sk }: Item): keyof Picture | undefined {
  const sort = sk?.S ?? ''
  const partition = pk?.S ?? ''
  if (sort === 'run' && partition.startsWith('run#')) return 'runs'
  if (sort === 'limit') return partition.startsWith('limit#global#') ? 'globals' : 'limits'
  if (sort === 'lease') return 'leases'
  if (partition === 'deployments') return 'caps'
  if (partition === 'agents' || partition === 'lost-sessions') return 'sessions'
  return partition === 'lines' ? 'lines' : undefined
}

export const lifeOf = ({ id, life }: Pick<FlowRun, 'id' | 'life'>): string => `${id}/${life}`

function remembered<T>(known: WeakMap<Item, T>, item: Item, read: (item: Item) => T): T {
  const there = known.get(item)
  if (there !== undefined) return there
  const made = read(item)
  known.set(item, made)
  return made
}

function readRun(item: Item): RunItem {
  const plain = fromItem(item)
  const run = decodeRun(plain, decodeDetails(detailsPlaceOf(plain).inline ?? '{}'))
  const { phase, sort } = phaseOf(run)
  const rightly = plain.phase === phase && plain.phaseSort === sort && isPhaseOf(run, phase)
  return { run, misplaced: rightly ? undefined : `run ${run.id} is filed under ${String(plain.phase)}` }
}

function readGlobal(item: Item): GlobalItem {
  const { pk, created, limit, decayPerSecond, active, loose, leased } = fromItem(item)
  const figures = { created, limit, decayPerSecond, active, loose, leased } as Omit<GlobalItem, 'key'>
  return { key: String(pk).slice('limit#'.length) as LimitKey, ...figures }
}

function readLease(item: Item): LeaseItem {
  const { pk, until, slots, limits: held } = fromItem(item)
  const id = String(pk).slice('lease#'.length)
  return { id, until: Number(until), slots: Number(slots), limits: held as LeaseItem['limits'] }
}

interface DeploymentItem {
  cap: number | null
  requeues: boolean
}

function readDeployment({ json }: Item): DeploymentItem {
  const read = JSON.parse(json?.S ?? '{}') as { concurrencyLimit?: number | null; onAgentLost?: string }
  return { cap: read.concurrencyLimit ?? null, requeues: read.onAgentLost === 'requeue' }
}

function readLimit(item: Item): LimitItem {
  const plain = fromItem(item)
  return {
    key: String(plain.pk).slice('limit#'.length) as LimitKey,
    life: plain.life as string | undefined,
    limit: (plain.limit as number | undefined) ?? null,
    active: Number(plain.active ?? 0),
    available: Number(plain.available ?? 0),
    paused: plain.paused === true,
    deleting: plain.deleting === true,
    counting: plain.countingSince !== undefined,
    lookedAt: plain.lookedAt !== undefined,
    epoch: Number(plain.epoch ?? 0),
  }
}

/** Whether a phase is one for such a run: told here once more, so that the rule itself is held against something. */
export function isPhaseOf({ state, claim, poolId, blockedBy }: FlowRun, phase: string): boolean {
  const pool = poolId ?? 'none'
  switch (state.type) {
    case 'SCHEDULED':
      if (claim === null) return phase === `${blockedBy === null ? 'ready' : 'blocked'}#${pool}`
      return phase === `active#${pool}`
    case 'PAUSED':
      return phase === (claim === null ? 'paused' : `active#${pool}`)
    case 'PENDING':
    case 'RUNNING':
    case 'CANCELLING':
      return phase === `active#${pool}`
    case 'COMPLETED':
    case 'FAILED':
    case 'CANCELLED':
    case 'CRASHED':
      return phase.startsWith(`ended#${state.type}#`)
  }
}
