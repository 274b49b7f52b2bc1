import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 50
const TIMEOUT_MS = 60_000

/** Waits for a condition. Throws when it takes too long. */
export async function waitUntil(what: string, isSo: () => boolean | Promise<boolean>, timeoutMs = TIMEOUT_MS) {
  for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(LOOK_MS)) if (await isSo()) return
  throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`)
}
