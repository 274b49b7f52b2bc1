import * as z from 'zod/mini'
import { InstantOut, named, UuidOut } from '#shared/contract/wire.ts'

/** The members of a global limit in every response. */
export const globalLimitMembers = () => ({
  id: UuidOut,
  created: InstantOut,
  updated: InstantOut,
  active: z.boolean(),
  name: z.string(),
  limit: z.int(),
  active_slots: z.int(),
  slot_decay_per_second: z.number(),
})

/** A global limit as answers have it, those about deployments too. */
export const GlobalLimitOut = named('GlobalConcurrencyLimit', () => z.object(globalLimitMembers()))
