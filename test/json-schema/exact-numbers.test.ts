import { expect, it } from 'vitest'
import { parseJson } from '#shared/json/parse-json.ts'
import { nonconformity } from '#shared/json-schema/conform.ts'

const judge = (schema: string, value: string) =>
  nonconformity(
    parseJson(`{"n":${value}}`),
    parseJson(`{"properties":{"n":${schema}},"required":["n"]}`) as Record<string, unknown>,
  )?.replace("Validation failed for field 'n'. Failure reason: ", '')

it.each([
  ['{"const":1234567890123456789}', '1234567890123456788', '1234567890123456789 was expected'],
  ['{"const":1234567890123456789}', '1234567890123456789', undefined],
  ['{"const":1}', '1.0', undefined],
  ['{"const":{"a":[1.0]}}', '{"a":[1]}', undefined],
  ['{"enum":[9007199254740993,"x"]}', '9007199254740992', "9007199254740992 is not one of [9007199254740993, 'x']"],
  ['{"enum":[1e2]}', '100', undefined],
  [
    '{"maximum":9007199254740992}',
    '9007199254740993',
    '9007199254740993 is greater than the maximum of 9007199254740992',
  ],
  ['{"maximum":9007199254740993}', '9007199254740993', undefined],
  ['{"exclusiveMaximum":1e400}', '1e399', undefined],
  [
    '{"minimum":-9007199254740992}',
    '-9007199254740993',
    '-9007199254740993 is less than the minimum of -9007199254740992',
  ],
  ['{"exclusiveMinimum":0}', '-0.0', '-0.0 is less than or equal to the minimum of 0'],
  ['{"multipleOf":10}', '202402144809161001040', undefined],
  ['{"multipleOf":10}', '202402144809161001041', '202402144809161001041 is not a multiple of 10'],
  ['{"multipleOf":0.010}', '1.230', undefined],
  ['{"multipleOf":0.1}', '0.3', '0.3 is not a multiple of 0.1'],
  ['{"multipleOf":0.10}', '0.30', '0.3 is not a multiple of 0.1'],
  ['{"type":"integer"}', '2.0', undefined],
  ['{"type":"integer"}', '202402144809161001040', undefined],
  ['{"type":"integer"}', '2.50', "2.5 is not of type 'integer'"],
  ['{"type":"number"}', '1e400', undefined],
  ['{"type":"object"}', '1.0', "1.0 is not of type 'object'"],
  ['{"type":"string"}', '1.0', "1.0 is not of type 'string'"],
  ['{"uniqueItems":true}', '[1,1.0]', '[1, 1.0] has non-unique elements'],
  ['{"uniqueItems":true}', '[9007199254740992,9007199254740993]', undefined],
  ['{"minItems":2.0}', '[1]', '[1] is too short'],
  ['{"contains":{"const":1.0},"minContains":2.0}', '[1,1]', undefined],
  ['{"default":1e400,"type":"null"}', 'null', undefined],
])('%s judges %s: %s', (schema, value, said) => {
  expect(judge(schema, value)).toBe(said)
})

it('numbers of many digits are compared in bounded work', () => {
  const long = '9'.repeat(4_000)
  const schema = `{"enum":[${Array.from({ length: 100 }, (_, last) => `${long}${last}`).join()}]}`
  expect(judge(schema, `${long}99`)).toBeUndefined()
  expect(
    judge(`{"allOf":[${Array.from({ length: 20_000 }, () => `{"multipleOf":1.0}`).join()}]}`, long),
  ).toBeUndefined()
})

it('long numbers and long lists of choices are read once for all items', () => {
  const items = (rule: string, list: readonly string[]) => judge(`{"items":${rule}}`, `[${list.join()}]`)
  const zerosWithin = `1${'0'.repeat(4_290)}1`
  expect(items(`{"minimum":-${zerosWithin}}`, Array<string>(10_000).fill('1'))).toBeUndefined()
  const choices = Array.from({ length: 60_000 }, (_, at) => `${at}.0`)
  expect(items(`{"enum":[${choices.join()}]}`, choices.slice(-1_000))).toBeUndefined()
})

it('division by long numbers is bounded', () => {
  const schema = `{"items":{"multipleOf":${'7'.repeat(4_300)}}}`
  expect(() => judge(schema, `[${Array<string>(20_000).fill('7e90000').join()}]`)).toThrow('takes too long')
})
