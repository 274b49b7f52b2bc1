import { dirname, relative } from 'node:path'

/** How many mutants of a room were tried, and how many of them the tests noticed. */
export interface Score {
  room: string
  mutants: number
  noticed: number
}

const NOTICED = new Set(['Killed', 'Timeout'])
const TRIED = new Set([...NOTICED, 'Survived', 'NoCoverage'])

/** The scores of the rooms in which these mutants are, by name; those that do not even run count for neither. */
export function scoresOf(results: readonly { fileName: string; status: string }[]): Score[] {
  const tried = results.filter(({ status }) => TRIED.has(status))
  const byRoom = Map.groupBy(tried, ({ fileName }) => relative(process.cwd(), dirname(fileName)))
  const scores = [...byRoom].map(([room, some]) => {
    return { room, mutants: some.length, noticed: some.filter(({ status }) => NOTICED.has(status)).length }
  })
  return scores.toSorted((a, b) => (a.room < b.room ? -1 : 1))
}

/** The share of mutants that was noticed, in percent; 100 where there are none. */
export function shareOf(scores: readonly Score[]): number {
  const { mutants, noticed } = total(scores)
  return mutants === 0 ? 100 : (100 * noticed) / mutants
}

function total(scores: readonly Score[]): Score {
  const sum = (of: (score: Score) => number) => scores.reduce((all, score) => all + of(score), 0)
  return { room: 'all', mutants: sum(({ mutants }) => mutants), noticed: sum(({ noticed }) => noticed) }
}

/** A Markdown table of scores, with all of them together in its last row. */
export function scoreTable(scores: readonly Score[]): string {
  const rows = [...scores, total(scores)].map(
    (score) => `| ${score.room} | ${score.mutants} | ${score.noticed} | ${shareOf([score]).toFixed(1)} % |`,
  )
  return ['| room | mutants | noticed | score |', '|---|--:|--:|--:|', ...rows].join('\n')
}
