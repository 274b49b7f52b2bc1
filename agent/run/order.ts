/** Why a run that is held is ended from outside. */
export type Order =
  /** Its time limit has passed. */
  | { kind: 'timeout' }
  | { kind: 'cancel'; message: string | null }
  /** The agent ends. */
  | { kind: 'shut_down'; atOnce: boolean }
  /** The agent's lease ran out before it could be renewed. */
  | { kind: 'lapse' }
  /** It is no longer this agent's: it is ended at once, and nothing is reported. */
  | { kind: 'lost' }

const RANKS: Record<Order['kind'], number> = { timeout: 1, cancel: 2, shut_down: 3, lapse: 5, lost: 6 }

/** Whether an order takes the place of the one that was given before. */
export function outranks(order: Order, before: Order | undefined): boolean {
  return rankOf(order) > (before ? rankOf(before) : 0)
}

function rankOf(order: Order): number {
  return RANKS[order.kind] + (order.kind === 'shut_down' && order.atOnce ? 1 : 0)
}

/** From asking a process to end to ending it. */
export function graceOf(order: Order, killGraceSeconds: number): number {
  return order.kind === 'lost' || order.kind === 'lapse' || (order.kind === 'shut_down' && order.atOnce)
    ? 0
    : killGraceSeconds
}
