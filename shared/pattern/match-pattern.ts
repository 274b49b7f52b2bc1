import { type Edge, isWord, PatternError, type PatternNode, parsePattern } from './parse-pattern.ts'

/**
 * A compiled pattern. Patterns come from clients, and JavaScript's own regular expressions may take exponential time on
 * some texts, and can't be interrupted. Here every place of the text is tried with all that is still possible at once
 * (Thompson's way), so that a search takes at most text times pattern.
 */
export interface Pattern {
  steps: readonly Step[]
}

type Step =
  | { kind: 'one'; fits: (character: string) => boolean }
  | { kind: 'edge'; edge: Edge }
  | { kind: 'jump'; to: number[] }
  | { kind: 'found' }

/** Steps of one pattern: `{1,1000}` makes a thousand of one. */
const STEPS_MAX = 5_000
const SOURCE_CHARS_MAX = 5_000

/** Parses a pattern in Python's `re` syntax. Raises PatternError. */
export function compilePattern(source: string): Pattern {
  if (source.length > SOURCE_CHARS_MAX) throw new PatternError('unknown')
  const steps: Step[] = []
  emit(parsePattern(source), steps)
  steps.push({ kind: 'found' })
  return { steps }
}

function push(steps: Step[], step: Step): void {
  if (steps.length >= STEPS_MAX) throw new PatternError('unknown')
  steps.push(step)
}

function emit(node: PatternNode, steps: Step[]): void {
  switch (node.kind) {
    case 'empty':
      return
    case 'one':
    case 'edge':
      return push(steps, node)
    case 'row':
      for (const part of node.parts) emit(part, steps)
      return
    case 'choice':
      return emitChoice(node.parts, steps)
    case 'repeat':
      return emitRepeat(node, steps)
  }
}

function emitChoice(parts: readonly PatternNode[], steps: Step[]): void {
  const fork = { kind: 'jump' as const, to: [] as number[] }
  const ends: { kind: 'jump'; to: number[] }[] = []
  push(steps, fork)
  for (const part of parts) {
    fork.to.push(steps.length)
    emit(part, steps)
    const end = { kind: 'jump' as const, to: [] }
    push(steps, end)
    ends.push(end)
  }
  for (const end of ends) end.to.push(steps.length)
}

function emitRepeat({ part, least, most }: Extract<PatternNode, { kind: 'repeat' }>, steps: Step[]): void {
  for (let n = 0; n < least; n += 1) emitBounded(part, steps)
  if (most === Number.POSITIVE_INFINITY) {
    const start = steps.length
    const fork = { kind: 'jump' as const, to: [start + 1] }
    push(steps, fork)
    emit(part, steps)
    push(steps, { kind: 'jump', to: [start] })
    fork.to.push(steps.length)
    return
  }
  const forks: { kind: 'jump'; to: number[] }[] = []
  for (let n = least; n < most; n += 1) {
    const fork = { kind: 'jump' as const, to: [steps.length + 1] }
    forks.push(fork)
    push(steps, fork)
    emitBounded(part, steps)
  }
  for (const fork of forks) fork.to.push(steps.length)
}

/** What takes no step itself, such as an empty group, would otherwise be repeated for nothing, and for long. */
function emitBounded(part: PatternNode, steps: Step[]): void {
  push(steps, { kind: 'jump', to: [steps.length + 1] })
  emit(part, steps)
}

/** Whether a pattern is somewhere in a text; `spend` is called with the work done, and may raise. */
export function searchPattern({ steps }: Pattern, text: string, spend: (work: number) => void): boolean {
  const characters = Array.from(text)
  const seen = new Int32Array(steps.length).fill(-1)
  let states: number[] = []
  for (let at = 0; at <= characters.length; at += 1) {
    const open = [...states, 0]
    states = []
    let work = 1
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const step = steps[index]
      if (!step || seen[index] === at) continue
      seen[index] = at
      work += 1
      if (step.kind === 'found') return true
      if (step.kind === 'jump') open.push(...step.to)
      else if (step.kind === 'edge') {
        if (isAt(step.edge, characters, at)) open.push(index + 1)
      } else {
        const character = characters[at]
        if (character !== undefined && step.fits(character)) states.push(index + 1)
      }
    }
    spend(work)
  }
  return false
}

function isAt(edge: Edge, text: readonly string[], at: number): boolean {
  const [before, after] = [text[at - 1], text[at]]
  switch (edge) {
    case 'start':
      return at === 0
    case 'end':
      return at === text.length
    case 'end_or_last_newline':
      return at === text.length || (at === text.length - 1 && after === '\n')
    case 'line_start':
      return at === 0 || before === '\n'
    case 'line_end':
      return at === text.length || after === '\n'
    case 'word':
      return isWord(before) !== isWord(after)
    case 'no_word':
      // Python finds none in an empty text.
      return text.length > 0 && isWord(before) === isWord(after)
  }
}
