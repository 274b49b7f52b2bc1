import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../support/until.ts'
import { openMachine } from './support/machine.ts'

const ARGS = ['-q', 'work', '--limit', '1', '--prefetch-seconds', '0']

it('an idle agent that is killed is handed nothing any more', async () => {
  const machine = await openMachine()
  onTestFinished(() => machine.close())
  const agent = machine.start('killed', ARGS)
  const deployment = await machine.deploy('true')
  // Having run something it waits for more.
  await machine.ended(await machine.create(deployment))
  await until('it waits', () => agent.output().includes('limit reached'))
  agent.child.kill('SIGKILL')
  await agent.exited
  const runs = await machine.create(deployment)
  machine.start('other', ARGS)
  expect(await machine.ended(runs)).toMatchObject([{ state_type: 'COMPLETED', run_count: 1 }])
  const types = (await machine.statesOf(runs[0] ?? '')).map(({ type }) => type)
  expect(types).toEqual(['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED'])
}, 90_000)
