import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Validations } from 'aws-cdk-lib'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { expect, it } from 'vitest'
import { FUNCTION_NAMES } from '#shared/config.ts'
import { PushPoolStack } from '../../cdk/stack.ts'
import { newApp, standInBundles } from '../support/stack.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

/** Synthesizes as the CDK CLI would, without credentials, network or Docker; returns a reader of its output. */
async function synthesize(context: Record<string, unknown> = {}) {
  const folder = temporaryFolder()
  const flags = (JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: object }).context
  const env = {
    PATH: '/nowhere',
    HOME: folder,
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...flags, ...context }),
    // Requests to the internet are sent to a port where nothing listens.
    HTTPS_PROXY: 'http://127.0.0.1:9',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  await run(process.execPath, [join(ROOT, 'cdk', 'app.ts')], { cwd: ROOT, env })
  return (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'))
}

it('synthesizes without credentials, network or Docker, and passes cdk-nag and the linter', async () => {
  const read = await synthesize()
  const template = read('pushpool.template.json') as { Resources: Record<string, { Type: string }> }
  const types = Object.values(template.Resources).map(({ Type }) => Type)
  expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(FUNCTION_NAMES.length)
  expect(read('validation-report.json')).toMatchObject({ pluginReports: [] })
  // Anything to look up in an account would be here.
  expect(read('manifest.json')).not.toHaveProperty('missing')
})

it('does not synthesize with a cdk-nag finding', () => {
  const app = newApp()
  const stack = new PushPoolStack(app, { bundles: standInBundles() })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
  new Queue(stack, 'WithoutTls')
  expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/)
})

it('accepts the findings in the reviewed file', async () => {
  const stack = new PushPoolStack(newApp(), { bundles: standInBundles() })
  const lines = stack.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => `${node.path}  ${id.replace('Annotation::', '')}\n  ${reason}`),
  )
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('findings.txt')
})
