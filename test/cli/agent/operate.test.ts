import { expect, it } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { call, freePort, openService, runToEnd, startProgram } from './support/agent-process.ts'

it('lists, shows, pauses, resumes, drains and deletes an agent from anywhere', async () => {
  const { url, client } = await openService()
  const folder = temporaryFolder()
  const agent = startProgram(
    ['agent', 'start', '-q', 'a', '-q', 'b', '--name', 'host-a', '--limit', '2', '--api', url],
    { folder },
  )
  await agent.says("Created work queue 'b'.")
  const agents = (...args: string[]) => call(['agent', ...args], { PREFECT_API_URL: url })

  const { out: table } = await agents('ls')
  expect(table.split('\n')[0]?.trim()).toBe('Agents')
  const [, row = ''] = /^│ (host-a .*) │$/m.exec(table) ?? []
  const cells = row.split('│').map((cell) => cell.trim())
  const [{ id } = { id: '' }] = await client.listAgents()
  expect(cells).toEqual([
    'host-a',
    id,
    'ONLINE',
    'default-agent-pool',
    'a, b',
    '0 of 2',
    expect.stringMatching(/^\d+s ago$/),
  ])
  const [heads = '', ...rest] = table.split('\n').slice(1)
  for (const line of rest.slice(0, 4)) expect(line).toHaveLength(heads.length)

  const shown = await agents('inspect', 'host-a', '-o', 'json')
  expect(JSON.parse(shown.out)).toMatchObject({ id, name: 'host-a', queues: ['a', 'b'], paused: null, holds: [] })
  expect((await agents('inspect', id)).out).toMatch(/^Agent\(\n {4}id='[^']+',\n[^]+ {4}holds=\[\],\n\)\n$/)

  const paused = await agents('pause', 'host-a', '--for', '30m', '--note', 'new disk')
  expect(paused).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^Paused agent 'host-a' until [\d-]+ [\d:]+ UTC\n$/),
  })
  expect((await client.getAgent({ id })).paused).toMatchObject({ note: 'new disk', until: expect.any(String) })
  expect((await agents('ls')).out).toContain('host-a (**)')
  expect((await agents('resume', id)).out).toBe("Resumed agent 'host-a'\n")
  expect((await agents('pause', 'host-a')).out).toBe("Paused agent 'host-a'\n")

  expect((await agents('drain', 'host-a')).out).toBe("Draining agent 'host-a'; it exits once its runs have ended\n")
  expect(await agent.exited).toBe(0)
  expect((await agents('delete', 'host-a')).out).toBe("Deleted agent 'host-a'\n")
  expect(await agents('ls', '-o', 'json')).toEqual({ code: 0, out: '[]\n', err: '' })
})

it('finds no agent, and not only one, without a guess', async () => {
  const { url } = await openService()
  const env = { PUSHPOOL_API_URL: url }
  const folders = [temporaryFolder(), temporaryFolder()]
  for (const folder of folders)
    await runToEnd(['agent', 'start', '-q', 'a', '--name', 'twin', '--run-once'], { folder, env })
  const agents = (...args: string[]) => call(['agent', ...args], env)
  for (const verb of ['inspect', 'pause', 'resume', 'drain', 'delete']) {
    expect(await agents(verb, 'nobody')).toEqual({
      code: 3,
      out: '',
      err: "Agent 'nobody' not found; 'pushpool agent ls' lists all.\n",
    })
  }
  expect(await agents('inspect', '00000000-0000-4000-8000-000000000000')).toMatchObject({ code: 3, out: '' })
  expect(await agents('delete', 'twin')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^2 agents are named 'twin'; use an id: [\da-f-]{36} \(OFFLINE\), /),
  })
})

it('says in a sentence that nothing listens, or that the key is refused', async () => {
  const { url } = await openService({ requireKeys: true })
  expect(await call(['agent', 'ls', '--api', url])).toMatchObject({
    code: 4,
    err: expect.stringContaining('PUSHPOOL_API_KEY'),
  })
  const nowhere = `http://127.0.0.1:${await freePort()}/api`
  expect(await call(['agent', 'ls', '--api', nowhere])).toMatchObject({
    code: 1,
    err: expect.stringContaining('Is the service running?'),
  })
})

it('serves the health of an agent to a command and to scrapers', async () => {
  const { url } = await openService()
  const folder = temporaryFolder()
  const agent = startProgram(['agent', 'start', '-q', 'a', '--health-addr', '127.0.0.1:0', '--api', url], { folder })
  await agent.says('Health and metrics are served at')
  const at = /http:\/\/(127\.0\.0\.1:\d+)\./.exec(agent.output.err)?.[1] ?? ''
  await until('it is ready', async () => (await fetch(`http://${at}/readyz`)).ok)
  const health = await call(['agent', 'health', '--addr', at])
  expect(health).toMatchObject({ code: 0, out: expect.stringMatching(/^\{"ok":true,"state":"online",/), err: '' })
  const metrics = await (await fetch(`http://${at}/metrics`)).text()
  expect(metrics).toMatch(/^pushpool_agent_calls_total\{result="ok"\} [1-9]/m)
  agent.child.kill('SIGKILL')
  await agent.exited
  const gone = await call(['agent', 'health'], { PUSHPOOL_AGENT_HEALTH_ADDR: at })
  expect(gone).toEqual({
    code: 1,
    out: '',
    err: `No agent answers at ${at}. Is it started with --health-addr ${at}?\n`,
  })
  expect(await call(['agent', 'health'])).toMatchObject({ code: 2, out: '' })
})
