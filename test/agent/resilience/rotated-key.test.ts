import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../support/until.ts'
import { countBy } from './support/ledger.ts'
import { newKey, openMachine } from './support/machine.ts'
import { markedProcesses } from './support/marked-processes.ts'

const ARGS = ['-q', 'work', '--limit', '3', '--lease-seconds', '12', '--prefetch-seconds', '0']

it('runs go on while a key is rotated, and what they report arrives once and in order', async () => {
  const machine = await openMachine({ requireKeys: true })
  onTestFinished(() => machine.close())
  const { client, service, folder } = machine
  const [gate, keyFile] = [join(folder, 'gate'), join(folder, 'key')]
  const first = await newKey(service, 'work')
  writeFileSync(keyFile, first.text)
  const agent = machine.start('a', [...ARGS, '--api-key-file', keyFile])
  const script = `n=0; until [ -e ${gate} ]; do n=$((n + 1)); echo $n; sleep 0.1; done; echo last`
  const runs = await machine.create(await machine.deploy(machine.script('count.sh', script)), 5)
  const logsOf = async (id: string) =>
    (await client.listLogs({ logs: { flow_run_id: { any_: [id] } } })).map((line) => line.message)
  const [one = ''] = runs
  await until('it has logged', async () => (await logsOf(one)).length > 0)
  await client.revokeApiKey({ id: first.id })
  await until('its key is refused', () => agent.output().includes('The claim call failed'))
  writeFileSync(gate, '')
  await until('what ran has ended', () => markedProcesses(folder).length === 0)
  expect((await machine.run(one)).state_type).toBe('RUNNING')
  writeFileSync(keyFile, (await newKey(service, 'work')).text)
  const ended = await machine.ended(runs)
  expect(countBy(ended, ({ state_type: type, run_count: count }) => `${type} ${count}`)).toEqual(
    new Map([['COMPLETED 1', 5]]),
  )
  for (const id of runs) {
    expect((await machine.statesOf(id)).map(({ type }) => type)).toEqual([
      'SCHEDULED',
      'PENDING',
      'RUNNING',
      'COMPLETED',
    ])
    const logs = await logsOf(id)
    expect(logs).toEqual([...logs.slice(1).map((_, n) => String(n + 1)), 'last'])
  }
  expect((await logsOf(one)).length).toBeGreaterThan(5)
  expect(agent.isOver()).toBe(false)
  expect(agent.output()).not.toContain(first.text)
})
