import * as z from 'zod/mini'

/**
 * Asks whoever may stop tasks to stop one. It goes through the queue of wake-ups, from functions that have no right to
 * ECS to the dispatcher, which has.
 */
export const StopOrder = z.object({ stop: z.object({ taskArn: z.string(), reason: z.string() }) })
export type StopOrder = z.output<typeof StopOrder>
