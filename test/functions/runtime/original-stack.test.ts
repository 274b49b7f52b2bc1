import { expect, it } from 'vitest'
import { originalStack } from '../../../functions/runtime/original-stack.ts'

const HERE = new URL('../../../functions/runtime/', import.meta.url).href

it.each([
  'no position at all',
  `at run (${HERE}no-such-bundle.mjs:1:27476)`,
  'at run (file:///etc/other.mjs:1:1)',
  'Error: file://evil/x.mjs:1:1',
  'Error: file:///a%2Fb.mjs:1:1 and file:///a%zz.mjs:1:1 and file://[x/x.mjs:1:1',
  `at run (${HERE}../runtime/x.mjs:99999999999999999999:0)`,
])('leaves what it cannot map unchanged: %j', (stack) => {
  expect(originalStack(stack)).toBe(stack)
})

it('handles hostile texts at once', () => {
  for (const part of ['file://', 'file:///', 'file:///a', 'file:///a/b.mjs:', '/'.repeat(9)]) {
    const stack = part.repeat(100_000)
    expect(originalStack(stack)).toBe(stack)
  }
}, 20_000)
