import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createClient } from '#shared/client/create-client.ts'
import { installFakeDocker } from '../support/fake-docker/install-fake-docker.ts'
import { until } from '../support/until.ts'
import { withService } from './support/place.ts'
import { startTestAgent } from './support/start-agent.ts'

const IMAGE = 'app:1'
const openPlace = withService('docker')
const sh = (script: string) => ['/bin/sh', '-c', script]

describe('an agent of a docker pool', () => {
  it('runs a container for each run, with its output in the logs of the run', async () => {
    const place = await openPlace()
    const docker = installFakeDocker(IMAGE)
    const deployment = await place.deploy(sh('echo in $PUSHPOOL_RUN_ID; exit 3'), { variables: { image: IMAGE } })
    const [run] = await place.create(deployment)
    startTestAgent(place, { env: docker.cli.env })
    const ended = await place.until(run?.id ?? '', 'FAILED')
    expect(ended.state.message).toBe('The command exited with code 3.')
    expect(await place.logsOf(ended.id)).toEqual([`in ${ended.id}`])
    expect(docker.engine.find(`pushpool-${ended.id}-1`)).toMatchObject({ status: 'exited', image: IMAGE })
  })

  it('says why a container could not be started', async () => {
    const place = await openPlace()
    const docker = installFakeDocker(IMAGE)
    const variables = { image: 'none:1', image_pull_policy: 'Never' }
    const [run] = await place.create(await place.deploy(['true'], { variables }))
    startTestAgent(place, { env: docker.cli.env })
    const { state } = await place.until(run?.id ?? '', 'CRASHED')
    expect(state.message).toMatch(/^The job could not be started: .*none:1/)
  })

  it('stops the container of a cancelled run', async () => {
    const place = await openPlace()
    const docker = installFakeDocker(IMAGE)
    const gate = join(place.folder, 'gate')
    const script = sh(`echo up; until [ -e ${gate} ]; do sleep 0.02; done`)
    const [run] = await place.create(await place.deploy(script, { variables: { image: IMAGE } }))
    startTestAgent(place, { env: docker.cli.env })
    const id = run?.id ?? ''
    await until('it is up', async () => (await place.logsOf(id)).length > 0)
    await createClient({ url: place.url }).setFlowRunState({ id }, { state: { type: 'CANCELLING' } })
    await place.until(id, 'CANCELLED')
    expect(docker.engine.find(`pushpool-${id}-1`)?.status).toBe('exited')
    writeFileSync(gate, '')
  })
})
