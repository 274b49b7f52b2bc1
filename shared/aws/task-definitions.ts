import { type ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import type { TaskDefinition } from './task-definition.ts'

/** Where it is kept what task definitions were registered as; dispatchers share it. */
export interface TaskDefinitionRecords {
  find(hash: string): Promise<string | undefined>
  /** False when one of the same content is on record already. */
  add(hash: string, arn: string): Promise<boolean>
  forget(hash: string, arn: string): Promise<void>
}

/** Entries kept in memory; the oldest goes first, and is read from the records when it is needed again. */
const KNOWN_MAX = 1_000

/**
 * Task definitions, registered once per content and never per run: ECS takes one registration a second, 20 in a burst.
 */
export class TaskDefinitions {
  readonly #client: ECSClient
  readonly #records: TaskDefinitionRecords
  readonly #known = new Map<string, Promise<string>>()

  constructor(client: ECSClient, records: TaskDefinitionRecords) {
    this.#client = client
    this.#records = records
  }

  /** The ARN of a task definition of this content, registered now if it never was. Raises what ECS raises. */
  async arnOf(definition: TaskDefinition): Promise<string> {
    const { hash } = definition
    // Launches of one template start side by side; they wait for the same registration.
    const finding = this.#known.get(hash) ?? this.#find(definition)
    this.#known.set(hash, finding)
    const [oldest] = this.#known.keys()
    if (this.#known.size > KNOWN_MAX && oldest) this.#known.delete(oldest)
    try {
      return await finding
    } catch (error) {
      this.#known.delete(hash)
      throw error
    }
  }

  /** Marks this one as deregistered. The next launch registers it again. */
  async forget({ hash }: TaskDefinition, arn: string): Promise<void> {
    const known = await this.#known.get(hash)?.catch(() => undefined)
    if (known === arn) this.#known.delete(hash)
    await this.#records.forget(hash, arn)
  }

  async #find({ hash, input }: TaskDefinition): Promise<string> {
    const recorded = await this.#records.find(hash)
    if (recorded) return recorded
    const { taskDefinition } = await this.#client.send(new RegisterTaskDefinitionCommand(input))
    const arn = taskDefinition?.taskDefinitionArn
    if (!arn) throw new Error(`ECS registered ${input.family} without returning its ARN`)
    if (await this.#records.add(hash, arn)) return arn
    // Another dispatcher registered it first. Sharing its ARN makes it possible to see which definitions are in use.
    return (await this.#records.find(hash)) ?? arn
  }
}
