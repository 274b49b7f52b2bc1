import { isDeepStrictEqual } from 'node:util'
import type { QueryCommand } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { MemoryTable } from '../memory-table.ts'
import type { HoldsBack } from '../rows/lagging-rows.ts'
import type { WorldTable } from '../world-table.ts'
import { COMMANDS, comparable, comparableError } from './outcome.ts'
import { engineContents, memoryContents } from './table-contents.ts'

type Result = { output: Record<string, unknown> } | { error: unknown }

/**
 * A table of the real engine for a world. A table in memory follows it, which the world's checks look into, and each
 * answer of the two is compared. Nothing lags here, as nothing does in the engine.
 */
export class EngineTwin implements WorldTable {
  readonly name: string
  /** What the two answered differently. */
  readonly differences: string[] = []
  readonly behind = 0
  readonly #engine: Table
  readonly #memory: MemoryTable

  constructor(engine: Table) {
    this.name = engine.name
    this.#engine = engine
    this.#memory = new MemoryTable(engine.name)
  }

  async answer(command: string, input: object): Promise<Record<string, unknown>> {
    const Command = COMMANDS[command as keyof typeof COMMANDS] as new (input: never) => QueryCommand
    const real = await resultOf(async () => ({ ...(await this.#engine.client.send(new Command(input as never))) }))
    const twin = await resultOf(() => Promise.resolve(this.#memory.answer(command, input)))
    if (!isDeepStrictEqual(plain(real), plain(twin)))
      this.differences.push(`the engine and the table in memory differ about ${command} ${JSON.stringify(input)}`)
    if ('error' in real) throw real.error
    return real.output
  }

  /** Compares all that the two hold. */
  async compareContents(): Promise<void> {
    if (!isDeepStrictEqual(await engineContents(this.#engine), memoryContents(this.#memory)))
      this.differences.push('the engine and the table in memory hold different items')
  }

  items(): Iterable<Item> {
    return this.#memory.items()
  }

  set holdsBack(_holdsBack: HoldsBack) {
    // The engine has no such thing.
  }

  isBehind(): boolean {
    return false
  }

  catchUp(): void {
    // Nothing is behind.
  }

  fork(): MemoryTable {
    return this.#memory.fork()
  }
}

async function resultOf(answer: () => Promise<Record<string, unknown>>): Promise<Result> {
  try {
    const { $metadata: _, ...output } = await answer()
    return { output }
  } catch (error) {
    return { error }
  }
}

function plain(result: Result): unknown {
  return 'error' in result ? { error: comparableError(result.error) } : comparable(result.output)
}
