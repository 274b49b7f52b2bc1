import { expect, it } from 'vitest'
import { inheritedEnvironment } from '../../../agent/execute/inherited-environment.ts'

it("a run inherits the environment of its agent, but for the agent's own settings", () => {
  const own = {
    PATH: '/bin',
    VIRTUAL_ENV: '/venv',
    EMPTY: '',
    UNSET: undefined,
    PREFECT_HOME: '/p',
    PREFECT_API_KEY: 'k',
  }
  expect(inheritedEnvironment({ ...own, PUSHPOOL_API_KEY: 'k', PUSHPOOL_API_KEY_FILE: '/key' })).toEqual({
    PATH: '/bin',
    VIRTUAL_ENV: '/venv',
    EMPTY: '',
    PREFECT_HOME: '/p',
  })
})
