import { expect, it } from 'vitest'
import { freshSeeds } from './fresh-seeds.ts'
import { parseOptions, WrongOptions } from './options.ts'

it.each([
  { args: ['--sede', '3'], message: /--sede/ },
  { args: ['--seed', 'x'], message: /--seed takes a number, not 'x'/ },
  { args: ['--seed', '-3'], message: /--seed/ },
  { args: ['--seed', '3', '--minutes', '2'], message: /--minutes is for many seeds/ },
  { args: ['--seeds', '3', '--fresh', '2'], message: /only one of --seeds and --fresh/ },
  { args: ['--profile', 'stormy'], message: /no profile is called 'stormy'; there are calm, / },
  { args: ['--seed', '3', '--faults', 'rain'], message: /no kind of fault is called 'rain'; there are dies before, / },
  { args: ['--acts', '3'], message: /need --seed/ },
  { args: ['3'], message: /Unexpected argument/ },
])('refuses $args, and says why', ({ args, message }) => {
  expect(() => parseOptions(args)).toThrow(WrongOptions)
  expect(() => parseOptions(args)).toThrow(message)
})

it('takes what a replay names', () => {
  const { seed, selection } = parseOptions([
    '--seed=7',
    '--acts=3,11',
    '--faults=dies after,index lag',
    '--strike=tick 3.1@5',
    '--strike=create runs #3/1.1 createFlowRunFromDeployment, try 1@2',
  ])
  expect(seed).toBe(7)
  expect(selection).toEqual({
    acts: [3, 11],
    kinds: ['dies after', 'index lag'],
    strikes: ['tick 3.1@5', 'create runs #3/1.1 createFlowRunFromDeployment, try 1@2'],
  })
  expect(parseOptions(['--seed', '7', '--acts', 'none', '--strike', 'none']).selection).toEqual({
    acts: [],
    kinds: undefined,
    strikes: [],
  })
})

it('derives the same fresh seeds from the same commit, and others from another', () => {
  const one = { text: 'a1b2', described: '' }
  const seeds = freshSeeds(one, 50)
  expect(new Set(seeds).size).toBe(50)
  expect(freshSeeds(one, 60).slice(0, 50)).toEqual(seeds)
  expect(freshSeeds({ ...one, text: 'a1b3' }, 50)).not.toEqual(seeds)
})
