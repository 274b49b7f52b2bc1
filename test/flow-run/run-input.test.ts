import { expect, it } from 'vitest'
import { inputKeysOf } from '#shared/flow-run/run-input.ts'
import { newState } from '#shared/flow-run/state.ts'
import { T0 } from '../support/fixtures/a-run.ts'

const keysOf = (keyset: unknown) =>
  inputKeysOf(newState('PAUSED', T0, { details: { other: { run_input_keyset: keyset } } }))

it('parses the keys that a pause names, and skips invalid ones', () => {
  expect(keysOf({ schema: 'p-1-schema', response: 'p-1-response' })).toEqual({
    schema: 'p-1-schema',
    response: 'p-1-response',
  })
  const hostile = { a: 5, b: ['x'], c: [['x']], d: true, e: 'No Key', f: '', g: 'x'.repeat(256), h: null, i: 'key' }
  expect(keysOf(hostile)).toEqual({ i: 'key' })
  for (const keyset of [undefined, null, 'x', ['x'], 5]) expect(keysOf(keyset)).toBeUndefined()
})
