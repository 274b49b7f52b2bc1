import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { KINDS } from './bug.ts'
import { BUGS } from './bugs.ts'
import { planted } from './planted.ts'
import { SHORT_FORM } from './short-form.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

it.each(BUGS)('the bug can still be planted: $name', (bug) => {
  const text = readFileSync(join(ROOT, bug.file), 'utf8')
  expect(planted(bug, text)).not.toBe(text)
})

it('names each bug once', () => {
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length)
})

it('has each bug of the short form', () => {
  expect(SHORT_FORM.filter((name) => !BUGS.some((bug) => bug.name === name))).toEqual([])
})

it('has bugs of every kind', () => {
  expect(new Set(BUGS.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)))
})

it('plants a bug only where its text is there exactly once', () => {
  const bug = { name: 'odd', kind: 'race', file: 'odd.ts', right: 'yes', wrong: 'no' } as const
  expect(planted(bug, 'a yes.')).toBe('a no.')
  expect(() => planted(bug, 'yes and yes')).toThrow('exactly once')
  expect(() => planted(bug, 'neither')).toThrow('exactly once')
})
