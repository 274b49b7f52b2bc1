import { PROFILES, type Profile, profileNamed } from '../machine/profile.ts'

/** A world to run, in a form that goes from thread to thread. */
export interface Job {
  seed: number
  /** The profile by its name; that of the seed, if it is left out. */
  profile?: string | undefined
}

/** The profile of that name. Throws RangeError for a name of none. */
export function profileOfName(name: string): Profile {
  const profile = profileNamed(name)
  if (profile) return profile
  throw new RangeError(`no profile is called '${name}'; there are ${PROFILES.map((each) => each.name).join(', ')}`)
}
