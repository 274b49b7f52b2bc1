import { KINDS } from './bug.ts'
import type { Hunt, HuntOptions } from './hunt-bug.ts'

/** A line of text on the hunt for one bug. */
export function lineOf({ bug, outcome, seeds, seed, problem, seconds }: Hunt): string {
  const where = seed === null ? `${seeds} seeds` : `seed ${seed}`
  return `${outcome.padEnd(6)} ${String(seconds).padStart(5)} s  ${bug.name}: ${where}${problem ? `: ${problem}` : ''}`
}

const IDS = /\b(?:arn:\S+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/g

/** The names of the invariants that a problem is about; its own words, where it names none. */
function invariantOf(problem: string): string {
  const named = /^I\d+(?:\/I\d+)*/.exec(problem)?.[0]
  return (
    named ??
    problem
      .replace(/ \(after .*/, '')
      .replaceAll(IDS, '…')
      .replaceAll('|', '\\|')
      .slice(0, 100)
  )
}

/** The last line: how many of the bugs were found. */
export function summaryOf(hunts: readonly Hunt[]): string {
  const count = (outcome: Hunt['outcome']) => hunts.filter((hunt) => hunt.outcome === outcome).length
  const most = Math.max(0, ...hunts.filter(({ outcome }) => outcome === 'found').map(({ seeds }) => seeds))
  const took = Math.round(hunts.reduce((sum, { seconds }) => sum + seconds, 0))
  return `${hunts.length} bugs: ${count('found')} found, by at most ${most} seeds; ${count('MISSED')} missed, ${count('BROKEN')} broken; ${took} s`
}

/** The page of the docs that shows what the simulation finds. */
export function pageOf(hunts: readonly Hunt[], { seeds, seconds }: HuntOptions): string {
  const kinds = Object.entries(KINDS).map(([kind, words]) => `- **${kind}**: ${words}`)
  const rows = hunts
    .toSorted((a, b) => a.bug.kind.localeCompare(b.bug.kind) || a.seeds - b.seeds)
    .map(({ bug, outcome, seeds: after, problem }) => {
      const found = outcome === 'found' ? `${after}` : outcome
      return `| ${bug.kind} | ${bug.name} | ${found} | ${invariantOf(problem ?? '')} |`
    })
  return `# Bank of bugs

Each of these mistakes is planted in the service, one at a time, and the simulation alone must find it, within ${seeds} seeds
and ${seconds} seconds. \`npm run bugs\` does so; with \`-- --write-docs\` it writes this page.

${kinds.join('\n')}

| kind | mistake | seeds until it was found | by |
|---|---|---|---|
${rows.join('\n')}

${summaryOf(hunts).replace(/; \d+ s$/, '')}.
`
}
