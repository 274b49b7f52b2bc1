import { parseStartedBy, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { SimulatedTask } from '../support/ecs/simulated-ecs.ts'
import { endProblems } from './checks/end.ts'
import type { LookCounts } from './checks/look-ahead.ts'
import { RestChecks } from './checks/rest-checks.ts'
import { Watch } from './checks/watch.ts'
import type { Chance } from './machine/chance.ts'
import type { Fault } from './machine/faults.ts'
import type { Process } from './machine/process.ts'
import { type Profile, profileOf } from './machine/profile.ts'
import type { Step } from './machine/scheduler.ts'
import { World } from './machine/world.ts'
import { Caller, type Persona } from './outside/caller.ts'
import { Known } from './outside/known.ts'
import { healWorld } from './verbs/heal.ts'
import { populate } from './verbs/population.ts'
import type { Scene, Verb } from './verbs/verb.ts'
import { VERBS } from './verbs/verbs.ts'
import { flowProcess } from './verbs/workers.ts'

/** Seconds in which clients act. */
const ACTIVE_SECONDS = 300
/** What clients do in a world. */
const ACTS = { min: 30, max: 50 }
/** From the end of the faults until the last client has given up. */
const LAST_CALLS_SECONDS = 20 * 60
const HEALED_SECONDS_MAX = 40 * 60

/** What somebody does in a world. */
export interface Act {
  name: string
  verb: Verb
  atSeconds: number
}

export interface SimulateOptions {
  seed: number
  profile?: Profile | undefined
  /** The acts to carry out; all, if it is left out. */
  acts?: ReadonlySet<string> | undefined
  allows?: ((process: Process, call: number, fault: Fault) => boolean) | undefined
}

export interface Report {
  seed: number
  profile: string
  problems: string[]
  acts: Act[]
  steps: readonly Step[]
  runs: number
  tasks: number
  claims: number
  checks: number
  looks: LookCounts
  healedSeconds: number
}

/** The acts of a seed's world, in the order of time. */
export function planOf(chance: Chance): Act[] {
  const total = VERBS.reduce((sum, { weight }) => sum + weight, 0)
  const count = chance.whole(ACTS.min, ACTS.max)
  return Array.from({ length: count }, (_, number) => {
    let left = chance.next() * total
    const verb = VERBS.find(({ weight }) => (left -= weight) < 0) ?? VERBS[0]
    return { name: `${verb?.name} #${number + 1}`, verb: verb as Verb, atSeconds: chance.between(0, ACTIVE_SECONDS) }
  }).toSorted((a, b) => a.atSeconds - b.atSeconds)
}

/** Runs the world of a seed to its end, and says what went wrong in it. */
export async function simulateWorld({
  seed,
  profile = profileOf(seed),
  acts: kept,
  allows,
}: SimulateOptions): Promise<Report> {
  const known = new Known()
  const watch = new Watch(known)
  const world = new World({
    seed,
    profile,
    ...(allows ? { allows } : {}),
    watch: (step) => world.problems.push(...watch.check(world, step)),
  })
  const scenes = (name: string): Scene => sceneOf(world, known, name)
  await populate(known, outsider(world, known), world.chance.of('population'))
  const acts = planOf(world.chance.of('plan'))
  for (const act of acts) {
    if (kept === undefined || kept.has(act.name)) world.later(act.atSeconds, () => void act.verb.act(scenes(act.name)))
  }
  world.flowStarted = (task) => startFlow(task, known, scenes)
  const rest = new RestChecks(world, watch, ACTIVE_SECONDS)
  world.atRest = () => rest.check()
  world.start()
  await world.pass(ACTIVE_SECONDS, () => false)
  world.heal()
  // What stood still may still close what is opened next.
  await world.pass(LAST_CALLS_SECONDS, () => world.idle)
  const healedAt = world.clock.now()
  let healed = false
  void healWorld(scenes('heal'), () => watch.allEnded()).then(() => {
    healed = true
  })
  await world.pass(HEALED_SECONDS_MAX, () => healed && !world.busy && watch.allEnded())
  const healedSeconds = world.since(healedAt)
  const problems = [...known.violations, ...world.problems]
  if (problems.length === 0) problems.push(...endProblems(world, watch, known))
  if (problems.length === 0) problems.push(...(await rest.clearedUp()))
  return {
    seed,
    profile: profile.name,
    problems,
    acts,
    steps: world.scheduler.steps,
    runs: watch.runsSeen,
    tasks: world.ecs.started.length,
    claims: watch.claims,
    checks: watch.checks,
    looks: rest.counts,
    healedSeconds,
  }
}

/** A client before the world begins, to which nothing happens. */
function outsider(world: World, known: Known): Caller {
  return new Caller({
    name: 'population',
    chance: world.chance.of('outsider'),
    persona: 'careless',
    invoke: async (_verb, _name, code) => ({ kind: 'answered', value: await code(world.outside) }),
    sleep: () => Promise.resolve(),
    report: (problem) => known.violations.push(problem),
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

function sceneOf(world: World, known: Known, name: string): Scene {
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
        invoke: (verb, label, code) => world.callApi(verb, label, code),
        sleep: (seconds) => world.sleep(seconds),
        report: (problem) => known.violations.push(problem),
      })
    },
    sleep: (seconds) => world.sleep(seconds),
    now: () => world.clock.now() / 1_000_000,
    anyPool: (push) => pick(known.pools.filter((pool) => push === undefined || pool.push === push)),
    anyDeployment: (test = () => true) => pick(known.deployments.filter(test)),
    anyRun: (test = () => true) => pick([...known.runs.values()].filter(test)),
  }
}

function personaOf(chance: Chance, { careless, hasty }: Profile): Persona {
  const drawn = chance.next()
  if (drawn < careless) return 'careless'
  return drawn < careless + hasty ? 'hasty' : 'careful'
}
