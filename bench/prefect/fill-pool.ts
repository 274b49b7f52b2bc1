import type { Calls } from '../service/calls.ts'

/** Enough to keep a server busy while it is filled. */
const CLIENTS = 8

/** Creates a run in each of these queues, undefined being the deployment's own; a queue may come more than once. */
export async function fillPool(
  calls: Calls,
  deploymentId: string,
  queues: readonly (string | undefined)[],
): Promise<void> {
  const left = queues.values()
  const client = async () => {
    for (const queue of left) await calls.create(deploymentId, queue)
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}
