import * as z from 'zod/mini'

/**
 * A request to stop a task. It goes through the wake-up queue, from functions without ECS permissions to the
 * dispatcher.
 */
export const StopOrder = z.object({ stop: z.object({ taskArn: z.string(), reason: z.string() }) })
export type StopOrder = z.output<typeof StopOrder>
