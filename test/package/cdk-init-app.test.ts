import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FUNCTION_NAMES } from '#shared/config.ts'
import { type App, withApp } from './support/app.ts'
import { deployedFunctions } from './support/deployed-functions.ts'
import { REPOSITORY } from './support/npm.ts'

const CDK = join(REPOSITORY, 'node_modules', '.bin', 'cdk')
const TEST = `
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { OwnStack } from '../lib/own-stack';

test('the stack has the functions of a pool', () => {
  const template = Template.fromStack(new OwnStack(new App(), 'Own'));
  template.resourceCountIs('AWS::Lambda::Function', ${FUNCTION_NAMES.length});
});
`

/** Creates the app that `cdk init` creates, and adds the construct to its stack. */
async function prepare(app: App): Promise<void> {
  await app.run(CDK, 'init', 'app', '--language', 'typescript', '--generate-only')
  const stack = app.read('lib/own-stack.ts')
  const edited = stack
    .replace("from 'constructs';", "from 'constructs';\nimport { PushPool } from 'pushpool/cdk';")
    .replace('// The code that defines your stack goes here', "new PushPool(this, 'Pools');")
  expect(edited).toContain("new PushPool(this, 'Pools');")
  app.write('lib/own-stack.ts', edited)
  app.write('test/own.test.ts', TEST)
  await app.install()
}

withApp('an app of cdk init (CommonJS)', prepare, (app) => {
  it('compiles and synthesizes the construct, with the functions from the package', async () => {
    await app().run('cdk', 'synth', '--quiet', '--no-notices')
    expect(deployedFunctions(app())).toEqual(FUNCTION_NAMES)
  })

  it('tests its stack with Jest', async () => {
    await expect(app().run('npm', 'test')).resolves.toContain('jest')
  })
})
