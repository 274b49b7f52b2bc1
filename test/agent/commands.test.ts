import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openPlace } from './support/place.ts'
import { startTestAgent } from './support/start-agent.ts'

const sh = (script: string) => ['/bin/sh', '-c', script]

describe('an agent', () => {
  it('runs a command to its end, with its output in the logs of the run', async () => {
    const place = await openPlace()
    const [run] = await place.create(await place.deploy(sh('echo one; echo two >&2; printf $PUSHPOOL_GENERATION')))
    const agent = startTestAgent(place.url)
    const ended = await place.until(run?.id ?? '', 'COMPLETED')
    expect(ended.state.message).toBe('The command exited with code 0.')
    expect(await place.logsOf(ended.id)).toEqual(['one', 'two', '1'])
    expect(ended.history.map(({ type }) => type)).toEqual(['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED'])
    agent.drain()
    expect(await agent.done).toBe(0)
    expect(readdirSync(agent.options.workDir)).toEqual([])
    expect(agent.said).toContain(`Submitting flow run '${ended.id}'`)
    expect(agent.said.at(-1)).toBe('Agent stopped!')
  })
})
