import type { Chance } from '../machine/chance.ts'

/** An id that a client makes up. */
export function uuidOf({ chance }: { chance: Chance }): string {
  const hex = Buffer.from(chance.bytes(16)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}
