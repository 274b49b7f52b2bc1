import { profileOf } from '../machine/profile.ts'
import type { Selection } from '../simulate-world.ts'

/** A world to replay: the whole of it, or a part. */
export interface Replayed {
  seed: number
  profile: string
  engine?: boolean
  only?: Selection
}

/** The command that replays a world. */
export function replayCommand({ seed, profile, engine = false, only = {} }: Replayed): string {
  const { acts, kinds, strikes } = only
  const list = (name: string, some: readonly (string | number)[]) => [name, quoted(some.join(',') || 'none')]
  const words = [
    `npm run simulate -- --seed ${seed}`,
    ...(profile === profileOf(seed).name ? [] : ['--profile', quoted(profile)]),
    ...(engine ? ['--engine'] : []),
    ...(acts
      ? list(
          '--acts',
          [...acts].map(numberOfAct).toSorted((a, b) => a - b),
        )
      : []),
    ...(kinds ? list('--faults', [...kinds]) : []),
    ...(strikes ? [...(strikes.size > 0 ? strikes : ['none'])].flatMap((strike) => ['--strike', quoted(strike)]) : []),
  ]
  return words.join(' ')
}

/** The number of an act, by its name. */
export const numberOfAct = (name: string): number => Number(name.replace(/^.*#/, ''))

/** A word as a shell reads it. */
function quoted(word: string): string {
  return /^[\w.,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
