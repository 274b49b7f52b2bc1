import type { Context } from 'aws-lambda'
import { beforeEach, expect, it, vi } from 'vitest'
import { lazy } from '../../../functions/runtime/lazy.ts'
import { observe, observed } from '../../../functions/runtime/observe.ts'

let lines: Record<string, unknown>[]
beforeEach(() => {
  lines = []
})
const take = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)

const context = { awsRequestId: 'request-1', functionName: 'api' } as Context

it('writes lines of JSON that name the run, with line feeds escaped', async () => {
  const observer = observe('api', 'blue', take)
  const handler = observed(observer, () => {
    observer.log.info('flow run created', { runId: 'r1' })
    observer.log.error('broken\r\nlevel: INFO', { reason: 'x\ny' })
    return Promise.resolve('done')
  })
  expect(await handler({}, context)).toBe('done')
  expect(lines[0]).toMatchObject({ level: 'INFO', message: 'flow run created', runId: 'r1', service: 'pushpool-api' })
  expect(lines[0]).toMatchObject({ function_request_id: 'request-1' })
  expect(lines[1]).toMatchObject({ level: 'ERROR', reason: 'x\ny' })
})

it('writes counts once at the end of each invocation, even when it fails', async () => {
  const observer = observe('dispatcher', 'blue', take)
  const handler = observed(observer, () => {
    observer.metrics.count('Launched', 2)
    observer.metrics.count('Launched', 3)
    return Promise.reject(new Error('late'))
  })
  await expect(handler({}, context)).rejects.toThrow('late')
  expect(lines).toHaveLength(1)
  const metrics = [{ Name: 'Launched', Unit: 'Count' }]
  const directive = { Namespace: 'pushpool', Dimensions: [['stack', 'service']], Metrics: metrics }
  expect(lines[0]).toEqual({
    _aws: { Timestamp: expect.any(Number) as number, CloudWatchMetrics: [directive] },
    stack: 'blue',
    service: 'pushpool-dispatcher',
    Launched: 5,
  })
  await expect(handler({}, context)).rejects.toThrow('late')
  expect(lines.map(({ Launched }) => Launched)).toEqual([5, 5])
})

it('reports the longest of several times, per invocation', () => {
  const observer = observe('sweeper', 'blue', take)
  const { metrics } = observer
  for (const seconds of [3, 7.5, 2]) metrics.seconds('OldestReadySeconds', seconds)
  observer.flush()
  metrics.seconds('OldestReadySeconds', 1)
  observer.flush()
  observer.flush()
  expect(lines.map(({ OldestReadySeconds }) => OldestReadySeconds)).toEqual([7.5, 1])
  const [{ _aws } = {}] = lines
  expect(_aws).toMatchObject({ CloudWatchMetrics: [{ Metrics: [{ Name: 'OldestReadySeconds', Unit: 'Seconds' }] }] })
})

it('writes a line whatever its content', () => {
  const { log } = observe('api', 'blue', take)
  log.warn('odd', { cause: new RangeError('too far'), bytes: 9n, gone: undefined })
  expect(lines[0]).toMatchObject({ message: 'odd', bytes: '9', cause: { name: 'RangeError', message: 'too far' } })
  expect(lines[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

it('writes whole lines to standard output by default', () => {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  observe('api', 'blue').log.info('up')
  expect(written).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^\{.*"message":"up".*\}\n$/))
  written.mockRestore()
})

it('creates a handler on its first call, once, and again after a failure', () => {
  let made = 0
  const handler = lazy(() => {
    made += 1
    if (made === 1) throw new Error('no environment yet')
    return (n: number) => n + 1
  })
  expect(made).toBe(0)
  expect(() => handler(1)).toThrow('no environment yet')
  expect(handler(1)).toBe(2)
  expect(handler(2)).toBe(3)
  expect(made).toBe(2)
})
