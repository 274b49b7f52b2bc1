import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scoresOf, scoreTable, shareOf } from '../../scripts/mutate/score.ts'

const mutant = (room: string, status: string) => ({ fileName: join(process.cwd(), 'shared', room, 'a.ts'), status })

it('counts what was noticed, room by room, of the mutants that run', () => {
  const scores = scoresOf([
    mutant('limit', 'Killed'),
    mutant('limit', 'Timeout'),
    mutant('limit', 'Survived'),
    mutant('engine/poll', 'NoCoverage'),
    mutant('engine/poll', 'CompileError'),
    mutant('engine/poll', 'Ignored'),
  ])
  expect(scoreTable(scores).split('\n').slice(2)).toEqual([
    '| shared/engine/poll | 1 | 0 | 0.0 % |',
    '| shared/limit | 3 | 2 | 66.7 % |',
    '| all | 4 | 2 | 50.0 % |',
  ])
  expect(shareOf(scores)).toBe(50)
})
