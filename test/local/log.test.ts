import { expect, it } from 'vitest'
import { createLog } from '../../local/log.ts'

function written(format: 'text' | 'json'): string {
  let text = ''
  const log = createLog(format, (line) => void (text += line))
  log.info('pool dispatched', { poolId: 'p1', claimed: 3, parked: 0, waits: [{ n: 1 }] })
  log.error('no fields')
  return text
}

it('writes one JSON object per line for programs', () => {
  const lines = written('json').trimEnd().split('\n')
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      time: expect.any(String),
      level: 'info',
      message: 'pool dispatched',
      poolId: 'p1',
      claimed: 3,
      parked: 0,
      waits: [{ n: 1 }],
    },
    { time: expect.any(String), level: 'error', message: 'no fields' },
  ])
})

it('writes short lines for people, without zeros', () => {
  expect(written('text')).toMatch(
    /^\d\d:\d\d:\d\d info {2}pool dispatched {2}poolId=p1 {2}claimed=3 {2}waits=\[\{"n":1\}\]\n\d\d:\d\d:\d\d error no fields\n$/,
  )
})
