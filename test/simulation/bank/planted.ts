import type { Bug } from './bug.ts'

/** The text of a bug's file with the bug in it. Throws unless the right text is there exactly once. */
export function planted({ name, file, right, wrong }: Bug, text: string): string {
  const [before, after, ...more] = text.split(right)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${name}: ${file} does not have the right text exactly once.`)
  }
  return before + wrong + after
}
