import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { VERSION } from '#shared/version.ts'
import { answers, openMisbehavingServer } from '../../support/misbehaving-server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { call, deploy, freePort, openService, runToEnd, startProgram } from './support/agent-process.ts'

const LINE = /^\d\d:\d\d:\d\d\.\d{3} \| (INFO {3}|WARNING|ERROR {2}) \| pushpool\.(agent|service) - /

describe('pushpool agent start', () => {
  it('starts a service of its own where none runs, which the next agent on the machine uses, too', async () => {
    const folder = temporaryFolder()
    const env = { PORT: String(await freePort()) }
    const agent = startProgram(['agent', 'start', '-q', 'my-queue'], { folder, env })
    await agent.says("Created work queue 'my-queue'.")
    const second = startProgram(['agent', 'start', '-q', 'my-queue', '--run-once'], { folder, env })
    expect(await second.exited).toBe(0)
    expect(second.output.out).toContain(`Starting v${VERSION} agent connected to http://127.0.0.1:${env.PORT}/api...\n`)
    const { out } = await call(['agent', 'ls', '-o', 'json'], env)
    const agents = JSON.parse(out) as { name: string; status: string }[]
    expect(agents.map(({ status }) => status).toSorted()).toEqual(['OFFLINE', 'ONLINE'])
    expect(agents.filter(({ name }) => name.endsWith('-2'))).toHaveLength(1)
    agent.child.kill('SIGTERM')
    expect(await agent.exited).toBe(0)
    const lines = agent.output.out.split('\n')
    expect(lines[0]).toBe(`Starting v${VERSION} agent with ephemeral API...`)
    expect(lines.at(-2)).toBe('Agent started! Looking for work from queue(s): my-queue...')
    expect(lines.slice(1, -2).join('')).toMatch(/^[ -~]+$/)
    for (const line of agent.output.err.trimEnd().split('\n')) expect(line).toMatch(LINE)
    expect(agent.output.err).toMatch(/- Agent stopped!\n$/)
    expect(agent.output.err).not.toContain('\u001b')
    expect(readdirSync(folder).toSorted()).toEqual(['.pushpool', 'state'])
  })

  it('runs a command of a queue, and is gone once it has been idle for long enough', async () => {
    const { url, client } = await openService()
    const id = await deploy(client, 'echo Hello')
    const run = await client.createFlowRunFromDeployment({ id })
    const args = ['-p', 'machines', '-q', 'a', '--limit', '1', '--exit-when-idle', '1s', '--hide-welcome', '--api', url]
    const { code, out, err } = await runToEnd(['agent', 'start', ...args], { folder: temporaryFolder() })
    expect({ code, out }).toEqual({ code: 0, out: '' })
    expect(err).toContain(run.id)
    expect((await client.getFlowRun({ id: run.id })).state_name).toBe('Completed')
    const logs = await client.listLogs({ logs: { flow_run_id: { any_: [run.id] } } })
    expect(logs.map(({ message }) => message)).toContain('Hello')
  })

  it.each<[string, string[], string[]]>([
    ['drains', [], ['SIGTERM']],
    ['drains though its parent ignores the signal', ['sh', '-c', 'trap "" INT; exec "$@"', 'sh'], ['SIGINT']],
    ['ends at once', [], ['SIGQUIT']],
    ['ends at once', [], ['SIGTERM', 'SIGTERM']],
  ])('%s (%j, %j)', async (how, under, signals) => {
    const { url, client } = await openService()
    const folder = temporaryFolder()
    const [begun, end] = [join(folder, 'begun'), join(folder, 'end')]
    mkdirSync(begun)
    const script = join(folder, 'work.sh')
    writeFileSync(script, `touch ${begun}/here; until [ -e ${end} ]; do sleep 0.05; done`)
    const id = await deploy(client, `sh ${script}`)
    const run = await client.createFlowRunFromDeployment({ id })
    const agent = startProgram(['agent', 'start', '-p', 'machines', '--api', url], { folder, under })
    await until('the run has begun', () => readdirSync(begun).length > 0)
    // It has no terminal, so a hang-up means nothing to it.
    agent.child.kill('SIGHUP')
    for (const signal of signals as NodeJS.Signals[]) {
      agent.child.kill(signal)
      await agent.says(
        `${signal}: the agent ${signal === signals[0] && signal !== 'SIGQUIT' ? 'takes nothing more' : 'ends'}`,
      )
    }
    if (how.startsWith('drains')) writeFileSync(end, '')
    expect(await agent.exited).toBe(how.startsWith('drains') ? 0 : 130)
    const { state_type: state } = await client.getFlowRun({ id: run.id })
    expect(state).toBe(how.startsWith('drains') ? 'COMPLETED' : 'CRASHED')
  })

  it('ends without a wait at the third signal', async () => {
    const { url } = await openService()
    const agent = startProgram(['agent', 'start', '-q', 'a', '--api', url], { folder: temporaryFolder() })
    await agent.says('Created work queue')
    process.kill(agent.child.pid ?? 0, 'SIGSTOP')
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) agent.child.kill(signal)
    process.kill(agent.child.pid ?? 0, 'SIGCONT')
    expect(await agent.exited).toBe(130)
  })

  it('takes legacy work: by tags, and from a queue that is named by its id', async () => {
    const { url, client } = await openService()
    const place = { folder: temporaryFolder() }
    const once = ['--run-once', '--api', url]
    const tagged = await runToEnd(['agent', 'start', '-t', 'b', '-t', 'a', ...once], place)
    expect(tagged.code).toBe(0)
    expect(tagged.out).toContain('Looking for work from queue(s): Agent queue a-b...')
    expect(tagged.err).toContain('`tags` are deprecated.')
    const queue = await client.getLegacyWorkQueueByName({ name: 'Agent queue a-b' })
    expect(queue.filter).toMatchObject({ tags: ['b', 'a'] })
    const byId = await runToEnd(['agent', 'start', queue.id, ...once], place)
    expect(byId).toMatchObject({ code: 0, err: expect.stringContaining('`pushpool agent start -q Agent queue a-b`') })
    expect(await client.listAgents()).toHaveLength(1)
  })

  it('does not take another program for its service, and shows it no key', async () => {
    const { url, received } = await openMisbehavingServer(answers(404, { detail: 'Not Found' }))
    const env = { PORT: new URL(url).port, PUSHPOOL_API_KEY: 'secret' }
    const { code, out, err } = await runToEnd(['agent', 'start', '-q', 'a', '--run-once'], {
      folder: temporaryFolder(),
      env,
    })
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('with ephemeral API...') })
    expect(err).toContain(`What listens on port ${env.PORT} is not pushpool`)
    expect(received.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  it('logs JSON for programs', async () => {
    const { url } = await openService()
    const args = ['-m', 'prod-', '--log-format', 'json', '--run-once', '--api', url]
    const { code, out, err } = await runToEnd(['agent', 'start', ...args], { folder: temporaryFolder() })
    expect({ code, out }).toEqual({ code: 0, out: '' })
    const lines = err.trimEnd().split('\n')
    const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message)
    expect(messages).toContain('Agent started! Looking for work from queue(s) that start with the prefix: prod-...')
  })

  it('says where a pool, a key or an address is wrong, by its exit code and in a sentence', async () => {
    const { url } = await openService({ requireKeys: true })
    const place = { folder: temporaryFolder() }
    const start = (...args: string[]) => runToEnd(['agent', 'start', '--api', url, ...args], place)
    expect(await start('-q', 'a')).toMatchObject({ code: 4, err: expect.stringContaining('Set PUSHPOOL_API_KEY') })
    expect(await start('-q', 'a', '--api-key-file', 'none')).toMatchObject({
      code: 1,
      err: expect.stringContaining('none'),
    })
    const open = await openService()
    const elsewhere = (...args: string[]) => runToEnd(['agent', 'start', '--api', open.url, ...args], place)
    expect(await elsewhere('-p', 'none')).toMatchObject({ code: 3, err: expect.stringContaining("'none' not found") })
    const { port } = new URL(open.url)
    expect(await elsewhere('-q', 'a', '--health-addr', `127.0.0.1:${port}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('choose another --health-addr'),
    })
  })
})
