import { expect, it } from 'vitest'
import { mergePairs } from '#shared/ecs-task/merge-pairs.ts'

it('later names and values go over earlier ones, as maps or as ECS writes them', () => {
  const list = [{ name: 'b', value: '2' }, { key: 'c', value: '3' }, { name: 'd', valueFrom: 'arn' }, { name: 'e' }]
  expect(mergePairs({ a: '1', b: '0' }, list)).toEqual({ a: '1', b: '2', c: '3', d: 'arn', e: null })
})

it('a layer that says nothing changes nothing', () => {
  expect(mergePairs(undefined, null, '')).toBeUndefined()
  expect(mergePairs({ a: '1' }, undefined, null, '')).toEqual({ a: '1' })
})

it.each([['text'], [[1]], [[{ name: 1 }]], [[{ value: 'x' }]]])(
  'a layer that is no pairs, %j, is answered as it is',
  (layer) => {
    expect(mergePairs({ a: '1' }, layer, { b: '2' })).toBe(layer)
  },
)
