import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BUGS } from './bugs.ts'

const ROOT = join(import.meta.dirname, '..', '..')

it.each(BUGS)('the bug can still be planted: $name', ({ file, right }) => {
  expect(readFileSync(join(ROOT, file), 'utf8').split(right)).toHaveLength(2)
})
