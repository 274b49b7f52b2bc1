import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { seeds } from '../support/seeds.ts'
import { PROFILES, profileOf } from './profiles.ts'
import { type SimulationReport, simulate } from './simulate.ts'

/** SEEDS=n goes through n seeds, SEED=n replays one. Each is a separate world; the profiles take turns. */
const SEEDS = 20

let engine: DynamoDbEngine
const reports: SimulationReport[] = []
beforeAll(async () => {
  engine = await startDynoxide()
})
afterAll(async () => {
  await engine.stop()
  print()
})

it.each(seeds(SEEDS).map((seed) => ({ seed, profile: profileOf(seed).name })))(
  'seed $seed ($profile): every invariant holds at every committed state, and everything ends as it should',
  async ({ seed }) => {
    const report = await simulate(engine, seed)
    reports.push(report)
    if (report.violations.length > 0) {
      console.error(`replay: SEED=${seed} npx vitest run test/simulation\nlast steps:\n  ${report.trail.join('\n  ')}`)
    }
    expect(report.violations).toEqual([])
  },
)

function print(): void {
  const sum = (of: (report: SimulationReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  const perils = new Map<string, number>()
  for (const [kind, n] of reports.flatMap((report) => [...report.perils])) perils.set(kind, (perils.get(kind) ?? 0) + n)
  perils.delete('none')
  console.log(
    `${reports.length} seeds over ${PROFILES.length} profiles: ${sum((one) => one.runs)} runs, ${sum((one) => one.claims)} claims, ` +
      `${sum((one) => one.tasks)} tasks, ${sum((one) => one.steps)} calls interleaved, ` +
      `${sum((one) => one.messages.delivered)} messages delivered and ${sum((one) => one.messages.lost)} lost; ` +
      `perils: ${[...perils].map(([kind, n]) => `${n} ${kind}`).join(', ')}; ` +
      `${sum((one) => one.checks)} committed states checked, ${sum((one) => one.violations.length)} violations; ` +
      `all over at most ${Math.round(Math.max(...reports.map((one) => one.healedSeconds)))} virtual s after the last fault`,
  )
}
