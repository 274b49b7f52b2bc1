/** The kinds of faults that the bank has bugs of: where each breaks a promise of the service. */
export const KINDS = {
  place: 'where a waiting run is, is derived from something other than the run',
  life: 'an identity comes back after delete and create',
  parking: 'parking ignores what else the run needs',
  hold: 'a hold that no sweep looks at',
  rotation: 'what cannot be repaired stands in front of the rest',
  half: 'two writes for one promise, of which one is lost',
  'late delete': 'a delete by name, whichever life is meant',
  count: 'a limit counts by one look that can be raced',
  explain: 'explain says what is not so',
  policy: 'a client writes what only the service may',
  loophole: 'a run goes round a limit',
  fence: 'an old claim still writes',
  race: 'a write has lost a condition',
  drift: 'a count is corrected wrongly, or never',
  evidence: 'what ECS says is taken for more, or less, than it proves',
  'wake-up': 'what should be done at once is left to chance',
} as const

/** A plausible mistake that the simulation must find. */
export interface Bug {
  name: string
  kind: keyof typeof KINDS
  file: string
  /** The right text, which is once in its file, and the mistaken one. */
  right: string
  wrong: string
}
