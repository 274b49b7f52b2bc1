import { setTimeout as sleep } from 'node:timers/promises'

const TIMEOUT_MS = 15_000
const POLL_MS = 5

/** Waits until a condition returns something truthy, and returns that. Throws instead of hanging. */
export async function until<T>(what: string, condition: () => T | Promise<T>, timeoutMs = TIMEOUT_MS): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await sleep(POLL_MS)
  }
}
