import { expect, it } from 'vitest'
import { schemaChecksum } from '#shared/block/schema-checksum.ts'
import { parseJson } from '#shared/json/parse-json.ts'

// What `Block._calculate_schema_checksum` of Prefect 2.20.25 and 3.9.1 answered for these texts.
it.each([
  ['no fields', '{}', 'f8e6e96abbc38504d4e9c99fc57281fa0026bede1fa42db79f22f984501710f4'],
  ['empty definitions', '{"definitions":{}}', '79b9787dcd02e098a1b261c2d8be3dbe363953714e67eccf5610554df8050ed1'],
  [
    'numbers as Python writes them, text beyond ASCII, secret fields',
    String.raw`{"title":"A","properties":{"f":{"default":1.0},"i":{"default":1},"e":{"default":1e+20},"s":{"default":"d\u007f \u00e9 \ud83d\ude00 \"q\" \\ \n \u0001"}},"secret_fields":["a"],"list":[{"secret_fields":["kept"]}],"b":[true,false,null,-0.5]}`,
    '1b304a8e7088f9cf561bf05c38df436011e0e0ba574ca93d24b6045b3d11de12',
  ],
  [
    'definitions of blocks, of others, and of nothing',
    '{"properties":{"x":{"$ref":"#/definitions/Block"},"y":{"anyOf":[{"$ref":"#/definitions/Plain"},{"$ref":"#/definitions/Empty"}]}},"definitions":{"Block":{"block_type_slug":"b","properties":{"z":{"$ref":"#/definitions/Inner"}},"secret_fields":["z"]},"Plain":{"type":"object","secret_fields":["p"]},"Empty":{},"Inner":{"block_type_slug":null,"type":"string"},"Unused":{"type":"object"}}}',
    '950fdf0fc3c23642d3a07c468054404bc7c0d084b29ff4741a9a9b222fe71a93',
  ],
  [
    'definitions of blocks alone',
    '{"properties":{"x":{"$ref":"#/definitions/Block"}},"definitions":{"Block":{"block_type_slug":"b"}}}',
    '2eee304ff2242fd95e75665f1f7ac5fd4ea911421c19e614c270564a1d8c6303',
  ],
])("is Prefect's, with %s", (_, text, expected) => {
  expect(schemaChecksum(parseJson(text))).toBe(`sha256:${expected}`)
})

it('has what Python writes for numbers that its floats do not hold', () => {
  // SHA-256 of `json.dumps([[{"x": [1e400, -1e400]}], {}])`.
  const expected = '376c5f2f4e98962755e2205d4240bdaf5b77ad7af2811f45510a76c4c3634fe7'
  expect(schemaChecksum(parseJson('{"x":[1e400,-1e400]}'))).toBe(`sha256:${expected}`)
})

it('does not depend on the order of members', () => {
  const checksums = ['{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}'].map((text) =>
    schemaChecksum(parseJson(text)),
  )
  expect(new Set(checksums).size).toBe(1)
})
