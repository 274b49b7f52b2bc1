import { expect, it } from 'vitest'
import type { BlockDocument } from '#shared/block/block-document.ts'
import { nestBlocks } from '#shared/block/nest-blocks.ts'

const reference = (id: string) => ({ $ref: { block_document_id: id } })
const block = (id: string, data: Record<string, unknown>): BlockDocument => ({
  id,
  name: id,
  typeId: 't',
  schemaId: 's',
  data,
  anonymous: false,
  created: 0,
  updated: 0,
})
const map = (...blocks: BlockDocument[]) => new Map(blocks.map((each) => [each.id, each]))

it('replaces references with the data they refer to, and records its origin', () => {
  const [a, b, c] = [block('a', { b: reference('b'), x: 1 }), block('b', { c: reference('c') }), block('c', { y: 2 })]
  const nested = nestBlocks(a, map(b, c))
  expect(nested.data).toEqual({ b: { c: { y: 2 } }, x: 1 })
  expect(nested.references.b?.references.c?.document).toBe(c)
  expect(a.data.b).toEqual(reference('b'))
})

it('omits dangling and circular references', () => {
  const a = block('a', { b: reference('b'), gone: reference('gone') })
  const b = block('b', { a: reference('a'), x: 1 })
  expect(nestBlocks(a, map(a, b)).data).toEqual({ b: { x: 1 } })
})

it('rejects what would grow endlessly', () => {
  const levels = Array.from({ length: 30 }, (_, n) =>
    block(`n${n}`, { left: reference(`n${n + 1}`), right: reference(`n${n + 1}`) }),
  )
  expect(() => nestBlocks(levels[0] as BlockDocument, map(...levels))).toThrow('at most 200')
})
