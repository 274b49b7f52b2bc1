import { describe, expect, it } from 'vitest'
import { parseContainers } from '#shared/ecs-task/containers.ts'

const LOG = { name: 'log', image: 'fluent:1' }
const problemsOf = (...sidecars: object[]) =>
  parseContainers(undefined, [{ name: 'prefect' }, ...sidecars], undefined).problems.map(({ variable }) => variable)

describe('the main container', () => {
  it.each([
    ['the one that is named', 'log', [{ name: 'prefect' }, LOG], 'log', 1],
    ["Prefect's, where the name is empty", '', [LOG, { name: 'prefect' }], 'prefect', 1],
    ['the first, where the name is no text', 5, [LOG, { name: 'job' }], 'log', 1],
    ['one without a name, where no name is a text', undefined, [{ name: 5 }, { image: 'a' }], 'main', 1],
    ['the only one that says anything', undefined, ['text', null, {}, { name: 'job' }], 'job', 0],
  ])('is %s', (_what, given, definitions, name, beside) => {
    const containers = parseContainers(given, definitions, undefined)
    expect(containers.name).toBe(name)
    expect(containers.sidecars).toHaveLength(beside)
  })

  it('may come after others, and is named by its place in problems', () => {
    const { problems } = parseContainers(undefined, [LOG, { name: 'prefect', privileged: true }], undefined)
    expect(problems.map(({ variable }) => variable)).toEqual(['task_definition.containerDefinitions.1.privileged'])
  })

  it('is alone where nothing is said of any', () => {
    const { main, override, sidecars, problems } = parseContainers(undefined, [{}], [{}, { name: 'main', cpu: 1 }])
    expect([main, override, sidecars, problems]).toEqual([{}, { name: 'main', cpu: 1 }, [], []])
  })
})

describe('a container beside it', () => {
  it.each([
    ['name', { ...LOG, name: '' }],
    ['name', { ...LOG, name: 5 }],
    ['image', { ...LOG, image: '' }],
    ['image', { name: 'log' }],
  ])('needs a %s', (member, sidecar) => {
    expect(problemsOf(sidecar)).toEqual([`task_definition.containerDefinitions.1.${member}`])
  })

  it('is defined by what is set of it, and nothing else', () => {
    const { sidecars } = parseContainers('job', [{ name: 'job' }, { ...LOG, cpu: null, memory: 64 }], undefined)
    expect(sidecars).toStrictEqual([{ ...LOG, environment: [], memory: 64 }])
  })
})
