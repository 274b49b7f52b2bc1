import { EVIDENCE_SECONDS, START_TIMEOUT_SECONDS, TICK_SECONDS } from '#shared/bounds.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { create, deploy, openPlace, storedRun } from './place.ts'

const RUNS = 4
/** Each hold is looked at in this time, and looks that failed are repeated. */
const SECONDS = START_TIMEOUT_SECONDS + EVIDENCE_SECONDS

/** Has ECS fail whenever it is to describe one task, among others that have ended unheard: these are found out all the same. */
export async function undescribed(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, true)
  const deployment = await deploy(fork, place)
  const ids: string[] = []
  for (let n = 0; n < RUNS; n += 1) ids.push(await create(fork, deployment))
  await fork.tick()
  const { ecs } = fork
  const bad = chance.pick(ids) ?? ''
  const badArn = storedRun(fork, bad)?.launch?.taskArn ?? ''
  const others = ids.filter((id) => id !== bad)
  for (const { request, news } of ecs.started)
    if (others.includes(request.runId)) await ecs.stop(news.taskArn, 'unheard')
  ecs.pass()
  ecs.takeNews()
  ecs.fail = ({ subjects }) => (subjects.includes(badArn) ? new Error('it can not be described') : undefined)
  for (let passed = 0; passed < SECONDS; passed += TICK_SECONDS) {
    fork.pass(TICK_SECONDS)
    await fork.sweep()
    await fork.deliver()
  }
  const left = others.filter((id) => !isTerminal(storedRun(fork, id)?.state.type ?? 'COMPLETED'))
  return left.map((id) => `run ${id} is held, and its task has ended beside one that can not be described`)
}
