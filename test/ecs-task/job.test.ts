import { describe, expect, it } from 'vitest'
import { type Job, mergeJobVariables, parseJob } from '#shared/ecs-task/job.ts'

type Variables = Record<string, unknown>
const template = (defaults: Variables) => ({
  job_configuration: {},
  variables: {
    properties: Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { default: value }])),
  },
})
/** As JSON arrives: with `__proto__` as a member like any other. */
const json = (text: string) => JSON.parse(text) as Variables

describe('merging job variables', () => {
  const MERGES: [string, Variables, Variables, Variables, Variables][] = [
    ['nothing', {}, {}, {}, {}],
    ['one variable per layer', { a: 1 }, { b: 2 }, { c: 3 }, { a: 1, b: 2, c: 3 }],
    ['the same one in each: the run wins', { a: 1 }, { a: 2 }, { a: 3 }, { a: 3 }],
    ['deployment over pool', { a: 1 }, { a: 2 }, {}, { a: 2 }],
    ['a null default, which is no default', { a: null, b: 0 }, {}, {}, { b: 0 }],
    ['a null of the run, which removes the value', { a: 1 }, { a: 2 }, { a: null }, { a: null }],
    [
      'env, name by name',
      { env: { A: 'pool', B: 'pool', C: 'pool' } },
      { env: { B: 'deployment', C: 'deployment' } },
      { env: { C: 'run' } },
      { env: { A: 'pool', B: 'deployment', C: 'run' } },
    ],
    ['env that is null somewhere', { env: { A: '1' } }, { env: null }, {}, { env: { A: '1' } }],
    ['a name that the run unsets', { env: { A: '1' } }, {}, { env: { A: null } }, { env: { A: null } }],
    [
      'lists and maps other than env, which are replaced',
      { a: [1], b: { c: 1 } },
      { a: [2], b: { d: 2 } },
      {},
      { a: [2], b: { d: 2 } },
    ],
    [
      'env written with dots; the nested form wins, a later layer too',
      {},
      { 'env.A': 'dotted', 'env.B': 'dotted', env: { B: 'nested' } },
      { 'env.C': 'run' },
      { 'env.A': 'dotted', 'env.B': 'dotted', 'env.C': 'run', env: { A: 'dotted', B: 'nested', C: 'run' } },
    ],
  ]
  it.each(MERGES)('%s', (_what, pool, deployment, run, merged) => {
    expect(mergeJobVariables(template(pool), deployment, run)).toEqual(merged)
  })

  it.each([{}, { variables: null }, { variables: { properties: [] } }, { variables: { properties: { a: 'text' } } }])(
    'a template like %j has no defaults',
    (odd) => {
      expect(mergeJobVariables(odd, { a: 1 }, {})).toEqual({ a: 1 })
    },
  )

  it.each(['A=1', [['A', '1']], 5, true])(
    'an env of %j is kept for validation to reject, whatever the other layers have',
    (env) => {
      const merged = mergeJobVariables(template({ env: { A: '1' } }), { env }, { env: { B: '2' } })
      expect(parseJob(merged).problems.map(({ variable }) => variable)).toEqual(['env'])
    },
  )

  it("members named like Object.prototype's are ordinary, and pollute nothing", () => {
    const evil = json('{"__proto__": {"command": "evil", "polluted": 1}, "env": {"__proto__": "x", "B": "2"}}')
    const merged = mergeJobVariables(template({}), evil, json('{"constructor": {"prototype": {"polluted": 1}}}'))
    expect(parseJob(merged).job).toMatchObject({ command: null, env: { B: '2' } })
    expect(({} as Variables).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  })
})

const NOTHING: Job = { command: null, image: null, env: {}, cpu: null, memoryMib: null, timeoutSeconds: null }

describe('parsing a command', () => {
  const LINES: [string, string[]][] = [
    ['true', ['true']],
    ['echo hello world', ['echo', 'hello', 'world']],
    ['  echo \t hello\n', ['echo', 'hello']],
    [`echo 'hello world' "it's"`, ['echo', 'hello world', "it's"]],
    ['echo "a \\"quoted\\" word"', ['echo', 'a "quoted" word']],
    [`echo 'a\\b'`, ['echo', 'a\\b']],
    ['echo a\\ b', ['echo', 'a b']],
    [`echo ''`, ['echo', '']],
    [`a'b'"c"d`, ['abcd']],
    // There is no shell, so none of this has a meaning.
    ['echo $HOME `id` $(id) *.ts ~ a;b|c>d&e #f', ['echo', '$HOME', '`id`', '$(id)', '*.ts', '~', 'a;b|c>d&e', '#f']],
    ['sh -c "echo $HOME && id"', ['sh', '-c', 'echo $HOME && id']],
    ['echo "ümläut 😀"', ['echo', 'ümläut 😀']],
  ]
  it.each(LINES)('the line %j is split as a shell would split it', (line, words) => {
    expect(parseJob({ command: line })).toEqual({ job: { ...NOTHING, command: words }, problems: [] })
  })

  const LISTS: string[][] = [['true'], ['echo', '', 'a b', '"'], ['sh', '-c', 'echo "$X" | wc -l']]
  it.each(LISTS.map((words) => [words]))('the list %j is taken as it is', (words) => {
    expect(parseJob({ command: words }).job.command).toEqual(words)
  })

  it('a list may have a thousand words, and no more', () => {
    const words = (n: number) => parseJob({ command: Array.from({ length: n }, () => 'a') }).problems.length
    expect([words(1000), words(1001)]).toEqual([0, 1])
  })

  it.each([undefined, null, ''])('%j is treated as no command', (command) => {
    expect(parseJob({ command })).toEqual({ job: NOTHING, problems: [] })
  })

  const UNUSABLE: unknown[] = [
    '   ',
    `echo 'open`,
    'echo "open',
    'echo \\',
    [],
    [''],
    `'' a`,
    ['echo', 5],
    ['echo', null],
    ['echo', ['nested']],
    ['ec\0ho'],
    'echo a\0b',
    5,
    true,
    { 0: 'echo' },
    Array.from({ length: 1001 }, () => 'a'),
  ]
  it.each(UNUSABLE.map((command) => [command]))('%j is rejected', (command) => {
    const { job, problems } = parseJob({ command })
    expect(job.command).toBeNull()
    expect(problems).toEqual([
      { variable: 'command', msg: 'must be a command line, or a list of a program and its arguments' },
    ])
  })
})

describe('parsing the environment', () => {
  it('numbers and booleans become text, and null unsets', () => {
    const env = { A: 'text', B: 5, C: -0.5, D: true, E: false, F: null, G: '' }
    expect(parseJob({ env }).job.env).toEqual({ A: 'text', B: '5', C: '-0.5', D: 'true', E: 'false', G: '' })
  })

  it('any name without "=" or NUL is allowed', () => {
    const env = { 'with space': '1', 'dotted.name': '2', ümläut: '3', constructor: '4', toString: '5' }
    expect(parseJob({ env }).job.env).toEqual(env)
  })

  const UNUSABLE: unknown[] = [
    'A=1',
    [],
    ['A=1'],
    5,
    { '': '1' },
    { 'A=B': '1' },
    { 'A\0': '1' },
    { A: '1\0' },
    { A: ['1'] },
    { A: { B: '1' } },
  ]
  it.each(UNUSABLE.map((env) => [env]))('%j is rejected', (env) => {
    const { job, problems } = parseJob({ env })
    expect(job.env).toEqual({})
    expect(problems.map(({ variable }) => variable)).toEqual(['env'])
  })

  it("names of Object.prototype's members are names like any other", () => {
    const { env } = parseJob({ env: json('{"__proto__": "x", "A": "1"}') }).job
    expect(Object.entries(env)).toEqual([
      ['__proto__', 'x'],
      ['A', '1'],
    ])
  })
})

describe('parsing sizes and times', () => {
  const NUMBERS: [keyof Job, string, unknown, number | null | 'refused'][] = [
    ['cpu', 'cpu', 1024, 1024],
    ['cpu', 'cpu', '256', 256],
    ['cpu', 'cpu', null, null],
    ['cpu', 'cpu', '', null],
    ['cpu', 'cpu', 0.5, 'refused'],
    ['cpu', 'cpu', 0, 'refused'],
    ['cpu', 'cpu', -256, 'refused'],
    ['cpu', 'cpu', '1 vCPU', 'refused'],
    ['cpu', 'cpu', ' ', 'refused'],
    ['cpu', 'cpu', true, 'refused'],
    ['cpu', 'cpu', [1024], 'refused'],
    ['cpu', 'cpu', 1e300, 'refused'],
    ['memoryMib', 'memory', 2048, 2048],
    ['memoryMib', 'memory', '0.5', 'refused'],
    ['memoryMib', 'memory', Number.NaN, 'refused'],
    ['memoryMib', 'memory', Number.POSITIVE_INFINITY, 'refused'],
    ['timeoutSeconds', 'timeout_seconds', 0.5, 0.5],
    ['timeoutSeconds', 'timeout_seconds', '30', 30],
    ['timeoutSeconds', 'timeout_seconds', 0.001, 0.001],
    ['timeoutSeconds', 'timeout_seconds', 1_209_600, 1_209_600],
    ['timeoutSeconds', 'timeout_seconds', 1_209_601, 'refused'],
    ['timeoutSeconds', 'timeout_seconds', 0, 'refused'],
    ['timeoutSeconds', 'timeout_seconds', 1e-200, 'refused'],
    ['image', 'image', 'repo/image:tag', 'repo/image:tag' as never],
    ['image', 'image', 5, 'refused'],
  ]
  it.each(NUMBERS)('%s from %s = %j gives %s', (member, variable, value, expected) => {
    const { job, problems } = parseJob({ [variable]: value })
    expect(problems.map((problem) => problem.variable)).toEqual(expected === 'refused' ? [variable] : [])
    expect(job[member]).toBe(expected === 'refused' ? null : expected)
  })

  it('every problem is reported, not just the first', () => {
    const { problems } = parseJob({
      command: [],
      image: 1,
      env: [],
      cpu: -1,
      memory: 'x',
      timeout_seconds: 0,
      other: 1,
    })
    expect(problems.map(({ variable }) => variable)).toEqual([
      'command',
      'image',
      'env',
      'cpu',
      'memory',
      'timeout_seconds',
    ])
  })
})
