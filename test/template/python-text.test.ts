import { expect, it } from 'vitest'
import { parseJson } from '#shared/json/parse-json.ts'
import { pythonText } from '#shared/template/python-text.ts'

// What `str(json.loads(text))` answered in Python 3.11.
it.each([
  ['1', '1'],
  ['-0', '0'],
  ['1.0', '1.0'],
  ['-0.0', '-0.0'],
  ['2.50', '2.5'],
  ['0.1', '0.1'],
  ['1e2', '100.0'],
  ['1E-5', '1e-05'],
  ['0.00001', '1e-05'],
  ['0.0001', '0.0001'],
  ['1e15', '1000000000000000.0'],
  ['1e16', '1e+16'],
  ['123456789012345678.0', '1.2345678901234568e+17'],
  ['12345678901234567890123', '12345678901234567890123'],
  ['1e-400', '0.0'],
  ['1e400', 'inf'],
  ['-1e400', '-inf'],
  ['1.7976931348623157e308', '1.7976931348623157e+308'],
  ['5e-324', '5e-324'],
  ['[1.0, {"a": -0.0}]', "[1.0, {'a': -0.0}]"],
])('%s is %s', (text, python) => {
  expect(pythonText(parseJson(text))).toBe(python)
})
