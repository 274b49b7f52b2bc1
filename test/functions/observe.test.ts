import type { Context } from 'aws-lambda'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { lazy } from '../../functions/lazy.ts'
import { observe, observed } from '../../functions/observe.ts'

let lines: Record<string, unknown>[]
beforeEach(() => {
  lines = []
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
  const take = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)
  for (const level of ['log', 'info', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(take)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const context = { awsRequestId: 'request-1', functionName: 'api' } as Context

it('writes lines of JSON that name the run, and line feeds in them stay inside the JSON', async () => {
  const observer = observe('api')
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

it('writes counts once at the end of each invocation, also when it fails', async () => {
  const observer = observe('dispatcher')
  const handler = observed(observer, () => {
    observer.metrics.count('Launched', 2)
    observer.metrics.count('Launched', 3)
    return Promise.reject(new Error('late'))
  })
  await expect(handler({}, context)).rejects.toThrow('late')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({ service: 'pushpool-dispatcher', Launched: [2, 3] })
  await expect(handler({}, context)).rejects.toThrow('late')
  expect(lines).toHaveLength(2)
})

it('writes nothing when told to be silent', async () => {
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true')
  const observer = observe('api')
  await observed(observer, () => {
    observer.log.error('x')
    observer.metrics.count('X', 1)
    return Promise.resolve()
  })({}, context)
  expect(lines).toEqual([])
})

it('makes a handler at its first call, once, and again after a failure', () => {
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
