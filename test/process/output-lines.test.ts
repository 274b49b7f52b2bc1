import { describe, expect, it } from 'vitest'
import { splitLines } from '#shared/process/output-lines.ts'

const KIB = 1024

describe('splitting output into lines', () => {
  const split = (text: string, final = false) => splitLines(Buffer.from(text), final)

  it('keeps an unfinished line for later, except at the very end', () => {
    expect(split('a\n\nb\r\nrest')).toEqual({ lines: ['a', '', 'b'], bytes: 6 })
    expect(split('a\nrest', true)).toEqual({ lines: ['a', 'rest'], bytes: 6 })
    expect(split('')).toEqual({ lines: [], bytes: 0 })
  })

  it('splits a line of more than 256 KB, never inside a character', () => {
    const { lines, bytes } = split(`x${'ü'.repeat(300 * KIB)}`)
    expect(lines.map((line) => Buffer.byteLength(line))).toEqual([256 * KIB - 1, 256 * KIB])
    expect(bytes).toBe(512 * KIB - 1)
    expect(lines.join('')).not.toContain('\ufffd')
  })

  it('returns at most a thousand lines at once', () => {
    expect(split('\n'.repeat(2_500))).toMatchObject({ bytes: 1_000 })
  })
})
