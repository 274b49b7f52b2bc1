import { describe, expect, it } from 'vitest'
import { Shares } from '#shared/engine/agent/shares.ts'

/** Gives runs one by one to whoever comes first of those that wait. */
function giveTo(shares: Shares, agents: readonly string[], runs: number, loads: Record<string, number> = {}): string[] {
  return Array.from({ length: runs }, () => {
    const rank = (id: string) => shares.rankOf(id, loads[id] ?? 0)
    const [first = ''] = agents.toSorted((a, b) => rank(a) - rank(b))
    shares.note(first, 1)
    return first
  })
}

describe('the shares of agents that wait', () => {
  it('are equal', () => {
    const shares = new Shares()
    for (const id of ['a', 'b', 'c']) shares.note(id, 0)
    expect(giveTo(shares, ['a', 'b', 'c'], 30).filter((id) => id === 'b')).toHaveLength(10)
  })

  it('go to the one that has fewest runs where all were given as many', () => {
    const shares = new Shares()
    for (const id of ['a', 'b']) shares.note(id, 0)
    expect(giveTo(shares, ['a', 'b'], 1, { a: 2 })).toEqual(['b'])
  })

  it('are caught up only in part by one that was away', () => {
    const shares = new Shares()
    for (const id of ['a', 'away']) shares.note(id, 0)
    giveTo(shares, ['a'], 100)
    expect(giveTo(shares, ['a', 'away'], 30).filter((id) => id === 'away')).toHaveLength(20)
  })

  it('begin with as many as the others have for a new one', () => {
    const shares = new Shares()
    shares.note('a', 0)
    giveTo(shares, ['a'], 5)
    shares.note('new', 0)
    expect(giveTo(shares, ['a', 'new'], 10).filter((id) => id === 'new')).toHaveLength(5)
  })
})
