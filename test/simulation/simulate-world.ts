import { OPERATIONS } from '#shared/client/operations.ts'
import { parseStartedBy, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { Instant } from '#shared/instant.ts'
import type { SimulatedTask } from '../support/ecs/simulated-ecs.ts'
import { toldProblems } from './checks/agents/told-agents.ts'
import { answerProblems } from './checks/answered.ts'
import { endProblems } from './checks/end.ts'
import type { LookCounts } from './checks/look-ahead.ts'
import { RestChecks } from './checks/rest-checks.ts'
import { UnguardedWrites } from './checks/rivals/unguarded-writes.ts'
import { takenNews } from './checks/taken-news.ts'
import { Watch } from './checks/watch.ts'
import { Chance } from './machine/chance.ts'
import type { FaultCounts } from './machine/fault-counts.ts'
import type { Fault } from './machine/faults.ts'
import type { Process } from './machine/process.ts'
import { type Profile, profileOf } from './machine/profile.ts'
import type { Step } from './machine/scheduler.ts'
import { World } from './machine/world.ts'
import { Caller, type Persona } from './outside/caller.ts'
import { Known } from './outside/known.ts'
import { withKinds } from './story/fault-kinds.ts'
import type { WorldTable } from './table/world-table.ts'
import { flowProcess } from './verbs/flow-process.ts'
import { healWorld } from './verbs/heal.ts'
import { populate } from './verbs/population.ts'
import type { Scene, Verb } from './verbs/verb.ts'
import { VERBS } from './verbs/verbs.ts'

/** What clients do in a world. */
const ACTS = { min: 18, max: 31 }
const HEALED_SECONDS_MAX = 60 * 60
/** In the other worlds time ends with the faults: to see every run to its end takes about as long as all that was before. */
const HEALED_SHARE = 0.35
/** Who heals a world sleeps between looking at it. */
const HEALERS = 1
/** Some things are done at about the same time as others, as only then do they meet. */
const TOGETHER = { share: 0.35, secondsMax: 3 }
/** Runs that people turn to first. */
const RECENT_RUNS = 3

/** What somebody does in a world. */
export interface Act {
  name: string
  verb: Verb
  atSeconds: number
}

export interface SimulateOptions {
  seed: number
  profile?: Profile | undefined
  /** What a world is reduced to, by who looks for a short story. */
  only?: Selection | undefined
  allows?: ((process: Process, call: number, fault: Fault) => boolean) | undefined
  /** Where things are stored; in memory, if it is left out. */
  table?: WorldTable | undefined
}

/** A part of what happens in a world; what is left out of it is all there. */
export interface Selection {
  /** The acts to carry out, by name. */
  acts?: ReadonlySet<string> | undefined
  /** The kinds of faults, as `kindsOf` names them. */
  kinds?: ReadonlySet<string> | undefined
  /** The single faults at calls, as `strikeOf` names them. */
  strikes?: ReadonlySet<string> | undefined
}

export interface Report {
  seed: number
  profile: string
  problems: string[]
  /** What clients did by themselves. */
  acts: Act[]
  steps: readonly Step[]
  /** What went wrong beside single calls. */
  faults: FaultCounts
  startedAt: Instant
  /** Calls of the API by clients, each try counted. */
  calls: number
  pools: number
  queues: number
  runs: number
  tasks: number
  claims: number
  checks: number
  looks: LookCounts
  healedSeconds: number
}

/** The name of a fault at a call: whose, and which of its calls. */
export const strikeOf = (process: string, call: number): string => `${process}@${call}`

/** The acts of a seed's world, in the order of time. */
export function planOf(seed: number, { activeSeconds }: Profile): Act[] {
  const chance = new Chance(`plan of ${seed}`)
  const total = VERBS.reduce((sum, { weight }) => sum + weight, 0)
  const count = chance.whole(ACTS.min, ACTS.max)
  let last = 0
  return Array.from({ length: count }, (_, number) => {
    const apart = chance.between(0, activeSeconds)
    const together = Math.min(activeSeconds, last + chance.between(0, TOGETHER.secondsMax))
    last = number > 0 && chance.hits(TOGETHER.share) ? together : apart
    let left = chance.next() * total
    const verb = VERBS.find(({ weight }) => (left -= weight) < 0) ?? VERBS[0]
    return { name: `${verb?.name} #${number + 1}`, verb: verb as Verb, atSeconds: last }
  }).toSorted((a, b) => a.atSeconds - b.atSeconds)
}

/** Runs the world of a seed to its end, and says what went wrong in it. */
export async function simulateWorld({
  seed,
  profile: whole = profileOf(seed),
  only = {},
  allows = () => true,
  table,
}: SimulateOptions): Promise<Report> {
  const known = new Known()
  const watch = new Watch(known)
  const unguarded = new UnguardedWrites(new Chance(`writes of ${seed}`))
  const { acts: kept, kinds, strikes } = only
  const profile = kinds ? withKinds(whole, kinds) : whole
  const world = new World({
    seed,
    profile,
    table,
    allows: (process, call, fault) =>
      allows(process, call, fault) && (strikes?.has(strikeOf(process.name, call)) ?? true),
    watch: (step) => world.problems.push(...watch.check(world, step)),
    foresee: (stored, process, call) => unguarded.look(stored, process, call),
  })
  const scenes = (name: string): Scene => sceneOf(world, watch, known, name)
  const startedAt = world.clock.at
  await populate(known, outsider(world, known), world.chance.of('population'))
  const acts = planOf(seed, profile).filter(({ name }) => kept?.has(name) ?? true)
  for (const act of acts) world.later(act.atSeconds, () => void act.verb.act(scenes(act.name)))
  world.newsTaken = (body) => world.problems.push(...takenNews(body, watch.picture))
  world.flowStarted = (task) => startFlow(task, known, scenes)
  const rest = new RestChecks(world, watch, unguarded)
  world.between = (atRest) => rest.check(atRest)
  world.start()
  await world.pass(profile.activeSeconds, () => false)
  if (world.problems.length === 0) world.problems.push(...(await rest.repaired()))
  const heals = world.chance.of('becomes calm').hits(HEALED_SHARE)
  const healedSeconds = heals ? await heal(world, watch, scenes('heal')) : 0
  const problems = [...known.violations, ...world.problems, ...unguarded.problems]
  if (problems.length === 0) problems.push(...endProblems(world, watch, known, heals))
  if (heals && problems.length === 0) problems.push(...(await rest.clearedUp()), ...unguarded.problems)
  return {
    seed,
    profile: profile.name,
    problems,
    acts,
    steps: world.scheduler.steps,
    faults: world.faults,
    startedAt,
    calls: world.calls,
    pools: known.pools.length,
    queues: known.pools.reduce((sum, { queues }) => sum + queues.length, 0),
    runs: watch.runsSeen,
    tasks: world.ecs.started.length,
    claims: watch.claims,
    checks: watch.checks,
    looks: rest.counts,
    healedSeconds,
  }
}

/** Lets a world come to its end without faults. Returns the seconds that this took. */
async function heal(world: World, watch: Watch, scene: Scene): Promise<number> {
  world.heal()
  const healedAt = world.clock.now()
  const outlook = {
    unended: () => watch.unended(),
    isAtWork: (runId: string) => world.ecs.alive().some(({ news }) => parseStartedBy(news.startedBy)?.id === runId),
    isOver: () => watch.allEnded() && !world.isBusy(HEALERS),
  }
  void healWorld(scene, outlook)
  await world.pass(HEALED_SECONDS_MAX, outlook.isOver)
  return world.since(healedAt)
}

/** A client before the world begins, to which nothing happens. */
function outsider(world: World, known: Known): Caller {
  return new Caller({
    name: 'population',
    chance: world.chance.of('outsider'),
    persona: 'careless',
    invoke: async (_verb, _name, code) => ({ kind: 'answered', value: await code(world.outside) }),
    sleep: () => Promise.resolve(),
    heard: ({ label, status }) => {
      if (status >= 500) known.violations.push(`${label} was answered ${status}`)
    },
  })
}

function startFlow({ request, script, news }: SimulatedTask, known: Known, scenes: (name: string) => Scene): void {
  const handOut = parseStartedBy(news.startedBy)
  if (!handOut) return
  // Nobody may have heard that it was created.
  const run = known.addRun(handOut.id, null)
  const scene = scenes(`flow of ${request.token.slice(0, 8)}`)
  void flowProcess(scene, run, startedByOf(handOut), script.runsForSeconds ?? 60)
}

function sceneOf(world: World, watch: Watch, known: Known, name: string): Scene {
  const chance = world.chance.of(name)
  let clients = 0
  const pick = <T>(some: readonly T[]) => chance.pick(some)
  return {
    chance,
    known,
    client: (persona = personaOf(chance, world.profile), claim) => {
      clients += 1
      return new Caller({
        name: `${name}/${clients}`,
        chance: chance.of(`client ${clients}`),
        persona,
        claim,
        invoke: (verb, label, code) => world.callApi(verb, label, code, claim),
        sleep: (seconds) => world.sleep(seconds),
        heard: (answer) => {
          const { operation, members } = answer
          if (answer.status < 400 && OPERATIONS[operation].path.startsWith('/flow_runs/:id'))
            known.noteCall(String(members?.id), world.clock.now() / 1_000_000)
          known.violations.push(...answerProblems(answer, watch.picture, world.clocksDifferSeconds))
          const sentAt = known.agents.sentAt(String(answer.asked?.request_id))
          if (sentAt !== undefined)
            known.violations.push(
              ...toldProblems(answer, { sentAt, picture: watch.picture, writtenAt: (run) => watch.writtenAt(run) }),
            )
        },
      })
    },
    sleep: (seconds) => world.sleep(seconds),
    now: () => world.clock.now() / 1_000_000,
    anyPool: (push) => pick(known.pools.filter((pool) => push === undefined || pool.push === push)),
    anyDeployment: (test = () => true) => {
      const hot = known.deployments[world.hot.deployment]
      return hot && test(hot) && chance.hits(world.hot.share) ? hot : pick(known.deployments.filter(test))
    },
    anyRun: (test = () => true) => {
      const runs = [...known.runs.values()].filter(test)
      return pick(chance.hits(world.hot.share) ? runs.slice(-RECENT_RUNS) : runs)
    },
  }
}

function personaOf(chance: Chance, { careless, hasty }: Profile): Persona {
  const drawn = chance.next()
  if (drawn < careless) return 'careless'
  return drawn < careless + hasty ? 'hasty' : 'careful'
}
