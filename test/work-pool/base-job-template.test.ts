import { expect, it } from 'vitest'
import { templateProblem } from '#shared/work-pool/base-job-template.ts'

const template = (configuration: unknown, ...names: string[]) => ({
  job_configuration: configuration,
  variables: { properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) },
})

it.each([
  {},
  template({}),
  template(
    { command: '{{ command }}', env: { A: '{{env}}' }, list: ['{{  a_b  }}-{{ c }}'] },
    'command',
    'env',
    'a_b',
    'c',
  ),
  template({
    a: '{{ prefect.blocks.x.y }}',
    b: '{{ prefect.variables.z }}',
    c: '{{ $HOME }}',
    d: '{{ ctx.flow.name }}',
  }),
  template({ a: 'no {placeholder} {{ }} here', b: null, c: 3, d: true }),
])('accepts %j', (given) => expect(templateProblem(given)).toBeUndefined())

it.each([{ foo: 'bar' }, { job_configuration: {} }, { job_configuration: {}, variables: [] }, { variables: {} }])(
  'requires both parts: %j',
  (given) => expect(templateProblem(given)).toContain('must contain both'),
)

it('names every undeclared variable once, wherever it occurs', () => {
  const problem = templateProblem(template({ a: ['{{ x }}', { b: 'z {{ y }}{{ x }}' }], c: '{{ ok }}' }, 'ok'))
  expect(problem).toMatch(/undeclared variable\(s\): x, y\.$/)
})

it("treats names like Object.prototype's as undeclared", () => {
  expect(templateProblem(template({ a: '{{ constructor }} {{ __proto__ }}' }))).toContain('__proto__, constructor')
})
