import { RemovalPolicy } from 'aws-cdk-lib'
import {
  type Attribute,
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  type ITableV2,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'
import { TTL_ATTRIBUTE, tableDefinition } from '#shared/storage/dynamo/table.ts'

export interface TableProps {
  /** Keeps the table when the stack goes, and refuses to delete it before. */
  keep: boolean
  /** Of an existing table. */
  tableName?: string | undefined
}

const DEFINITION = tableDefinition('')
const INDEXES: readonly IndexDefinition[] = DEFINITION.GlobalSecondaryIndexes
export type IndexName = (typeof DEFINITION.GlobalSecondaryIndexes)[number]['IndexName']
const TYPES = { S: AttributeType.STRING, N: AttributeType.NUMBER }

type KeySchema = readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[]
interface IndexDefinition {
  IndexName: string
  KeySchema: KeySchema
  Projection: { ProjectionType: 'INCLUDE' | 'KEYS_ONLY'; NonKeyAttributes?: readonly string[] }
}

/** The one table, from the definition that the one-machine runtime creates its own from. */
export class PoolTable extends Construct {
  readonly table: ITableV2

  constructor(scope: Construct, id: string, { keep, tableName }: TableProps) {
    super(scope, id)
    this.table = tableName ? TableV2.fromTableName(this, 'Given', tableName) : (newTable(this, keep) as ITableV2)
  }

  /** ARN of one of its indexes. */
  indexArn(name: IndexName): string {
    return `${this.table.tableArn}/index/${name}`
  }
}

function newTable(scope: Construct, keep: boolean): TableV2 {
  return new TableV2(scope, 'Table', {
    ...keysOf(DEFINITION.KeySchema),
    globalSecondaryIndexes: INDEXES.map(indexOf),
    billing: Billing.onDemand(),
    timeToLiveAttribute: TTL_ATTRIBUTE,
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: keep,
    removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}

function indexOf({ IndexName, KeySchema, Projection }: IndexDefinition): GlobalSecondaryIndexPropsV2 {
  const { ProjectionType: type, NonKeyAttributes: more } = Projection
  return {
    indexName: IndexName,
    ...keysOf(KeySchema),
    projectionType: ProjectionType[type],
    ...(more ? { nonKeyAttributes: [...more] } : {}),
  }
}

function keysOf(schema: KeySchema): { partitionKey: Attribute; sortKey: Attribute } {
  const attributeOf = (kind: 'HASH' | 'RANGE'): Attribute => {
    const name = schema.find(({ KeyType }) => KeyType === kind)?.AttributeName
    const defined = DEFINITION.AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)
    if (!defined) throw new Error(`The table's definition has no type for its ${kind} key`)
    return { name: defined.AttributeName, type: TYPES[defined.AttributeType] }
  }
  return { partitionKey: attributeOf('HASH'), sortKey: attributeOf('RANGE') }
}
