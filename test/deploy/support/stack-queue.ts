import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Emulator } from './emulator.ts'

/** A queue of the stack. */
export class StackQueue {
  readonly #client: SQSClient
  readonly #url: string

  private constructor(client: SQSClient, url: string) {
    this.#client = client
    this.#url = url
  }

  /** Finds it by its place in the stack, such as `WakeUpsDeadLetters`. */
  static async find(emulator: Emulator, place: string): Promise<StackQueue> {
    const client = new SQSClient(emulator.clientOptions)
    const url = (await queueUrls(emulator)).find((each) => each.includes(`PushPool${place}`))
    if (!url) throw new Error(`There is no queue ${place}`)
    return new StackQueue(client, url.replace(new URL(url).origin, emulator.endpoint))
  }

  async send(body: string): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#url, MessageBody: body }))
  }

  /** Messages that are visible or in flight, without delayed ones. */
  async depth(): Promise<number> {
    const [waiting, taken] = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
    const { Attributes } = await this.#client.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#url, AttributeNames: [waiting, taken] }),
    )
    return Number(Attributes?.[waiting]) + Number(Attributes?.[taken])
  }

  /** The bodies of up to ten messages. */
  async receive(): Promise<string[]> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({ QueueUrl: this.#url, MaxNumberOfMessages: 10 }),
    )
    return Messages.flatMap(({ Body }) => Body ?? [])
  }

  /** How long a failed message stays hidden. */
  async hideFailed(seconds: number): Promise<void> {
    const Attributes = { VisibilityTimeout: String(seconds) }
    await this.#client.send(new SetQueueAttributesCommand({ QueueUrl: this.#url, Attributes }))
  }
}

/** All queues. */
export async function queueUrls({ clientOptions }: Emulator): Promise<string[]> {
  const client = new SQSClient(clientOptions)
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}))
  client.destroy()
  return QueueUrls
}
