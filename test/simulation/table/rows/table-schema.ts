import type { Item } from '#shared/storage/dynamo/expression.ts'
import { type Key, tableDefinition } from '#shared/storage/dynamo/table.ts'
import { ValidationException } from '../service-errors.ts'
import { typeOf } from '../values/attribute-value.ts'

/** The key of an index, or of the table itself: an attribute for the partition, and one for the order in it. */
export interface KeySchema {
  hash: string
  sort: string
  sortType: 'S' | 'N'
}

export interface IndexSchema extends KeySchema {
  name: string
  /** The attributes in a row of the index, those of the keys among them. */
  projected: readonly string[]
}

const DEFINITION = tableDefinition('any')
const BYTES_MAX = { hash: 2048, sort: 1024 }
const INVALID = 'One or more parameter values were invalid: '
const NOT_VALID = 'One or more parameter values are not valid. '
const EMPTY = 'The AttributeValue for a key attribute cannot contain an empty string value.'

export const TABLE_KEY: KeySchema = keySchema(DEFINITION.KeySchema)
export const KEY_NAMES: readonly string[] = [TABLE_KEY.hash, TABLE_KEY.sort]

/** The indexes of the product's table. */
export const INDEXES: readonly IndexSchema[] = DEFINITION.GlobalSecondaryIndexes.map((index) => {
  const key = keySchema(index.KeySchema)
  const more = 'NonKeyAttributes' in index.Projection ? index.Projection.NonKeyAttributes : []
  return { ...key, name: index.IndexName, projected: [...new Set([...KEY_NAMES, key.hash, key.sort, ...more])] }
})

function keySchema([{ AttributeName: hash }, { AttributeName: sort }]: readonly [
  { AttributeName: string },
  { AttributeName: string },
]): KeySchema {
  return { hash, sort, sortType: typeOfAttribute(sort) }
}

function typeOfAttribute(name: string): 'S' | 'N' {
  const types: readonly { AttributeName: string; AttributeType: 'S' | 'N' }[] = DEFINITION.AttributeDefinitions
  const found = types.find(({ AttributeName }) => AttributeName === name)
  if (!found) throw new TypeError(`no type of ${name}`)
  return found.AttributeType
}

/** The key in a request. Raises ValidationException for one that is no key of the table. */
export function requestKey(key: Item | undefined): Key {
  const { pk, sk, ...others } = key ?? {}
  if (pk?.S === undefined || sk?.S === undefined || Object.keys(others).length > 0) {
    throw new ValidationException('The provided key element does not match the schema')
  }
  checkKey({ pk: pk.S, sk: sk.S })
  return { pk: pk.S, sk: sk.S }
}

/** The key of an item that is to be put. Raises ValidationException for an item without one. */
export function itemKey(item: Item): Key {
  for (const name of KEY_NAMES) {
    const value = item[name]
    if (!value) throw new ValidationException(`${INVALID}Missing the key ${name} in the item`)
    if (value.S === undefined) {
      throw new ValidationException(`${INVALID}Type mismatch for key ${name} expected: S actual: ${typeOf(value)}`)
    }
  }
  const key = { pk: String(item.pk?.S), sk: String(item.sk?.S) }
  checkKey(key)
  return key
}

function checkKey(key: Key): void {
  for (const name of ['pk', 'sk'] as const) {
    if (key[name] === '') throw new ValidationException(`${NOT_VALID}${EMPTY} Key: ${name}`)
  }
  checkLengths(key.pk, key.sk)
}

function checkLengths(hash: string, sort: string): void {
  if (Buffer.byteLength(hash) > BYTES_MAX.hash) {
    throw new ValidationException(`${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`)
  }
  if (Buffer.byteLength(sort) > BYTES_MAX.sort) {
    throw new ValidationException(
      `${INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`,
    )
  }
}

/**
 * Raises ValidationException for an item whose attributes do not suit the indexes: keys of indexes may be left out, and
 * otherwise are as the definition says. An update has another text for what is empty.
 */
export function checkIndexKeys(item: Item, by: 'put' | 'update'): void {
  for (const index of INDEXES) {
    checkIndexKey(item, index, index.hash, 'S', by)
    checkIndexKey(item, index, index.sort, index.sortType, by)
    checkLengths(item[index.hash]?.S ?? '', item[index.sort]?.S ?? '')
  }
}

function checkIndexKey(item: Item, { name }: IndexSchema, attribute: string, type: 'S' | 'N', by: 'put' | 'update') {
  const value = item[attribute]
  if (!value) return
  if (value[type] === undefined) {
    const types = `Expected: ${type} Actual: ${typeOf(value)}`
    throw new ValidationException(`${INVALID}Type mismatch for Index Key ${attribute} ${types} IndexName: ${name}`)
  }
  if (value.S !== '') return
  const update = 'The update expression attempted to update a secondary index key to a value that is not supported. '
  const put = 'A value specified for a secondary index key is not supported. '
  const place = ` IndexName: ${name}, IndexKey: ${attribute}`
  throw new ValidationException(NOT_VALID + (by === 'update' ? update + EMPTY : put + EMPTY + place), {
    failsAll: true,
  })
}
