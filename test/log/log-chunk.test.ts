import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NewLogLine, PART_BYTES_MAX, packLogs, unpackChunk } from '#shared/log/log-chunk.ts'
import { decodeChunks, encodeChunk } from '#shared/storage/log/log-codec.ts'
import { LIFE, T0 } from '../support/fixtures/a-run.ts'

const line: fc.Arbitrary<NewLogLine> = fc.record({
  runId: fc.constantFrom('run-a', 'run-b'),
  life: fc.constant(LIFE),
  taskRunId: fc.option(fc.constant('task')),
  name: fc.string(),
  level: fc.integer({ min: 0, max: 50 }),
  message: fc.string({ unit: 'binary' }),
  timestamp: fc.integer({ min: 0, max: 60_000_000 }).map((micros) => T0 + micros),
})

describe('packing log lines', () => {
  it('loses none, adds none, and keeps each run in chronological order', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const items = packLogs(lines).flatMap(encodeChunk)
        const read = decodeChunks(items.toReversed())
          .flatMap(unpackChunk)
          .map((entry) => ({ ...entry, id: undefined, life: LIFE }))
        for (const runId of ['run-a', 'run-b']) {
          const own = lines.filter((each) => each.runId === runId)
          const expected = own.toSorted((a, b) => a.timestamp - b.timestamp)
          const found = read.filter((each) => each.runId === runId).toSorted((a, b) => a.timestamp - b.timestamp)
          expect(found).toEqual(expected)
        }
      }),
    )
  })

  it('packs the same lines into the same items', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        expect(packLogs(lines).flatMap(encodeChunk)).toEqual(packLogs(structuredClone(lines)).flatMap(encodeChunk))
      }),
    )
  })

  it('splits lines too large for one item, and skips those written only in part', () => {
    let state = 1
    const noise = Array.from({ length: 900_000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return String.fromCharCode(32 + ((state >>> 16) % 95))
    }).join('')
    const huge = { runId: 'run-a', life: LIFE, taskRunId: null, name: 'n', level: 20, message: noise, timestamp: T0 }
    const items = packLogs([huge]).flatMap(encodeChunk)
    expect(items.length).toBeGreaterThan(1)
    for (const item of items) expect(item.bytes.length).toBeLessThanOrEqual(PART_BYTES_MAX)
    expect(decodeChunks(items).flatMap(unpackChunk)[0]?.message).toBe(noise)
    expect(decodeChunks(items.slice(1))).toEqual([])
  })
})
