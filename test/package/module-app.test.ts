import { expect, it } from 'vitest'
import { FUNCTION_NAMES } from '#shared/config.ts'
import { type App, functionsOf, withApp } from './support/app.ts'

const PROGRAM = `
import { App, Stack } from 'aws-cdk-lib'
import { Vpc } from 'aws-cdk-lib/aws-ec2'
import { PushPool, type PushPoolProps } from 'pushpool/cdk'

const app = new App({ outdir: 'cdk.out', analyticsReporting: false })
const stack = new Stack(app, 'Own')
const props: PushPoolProps = { vpc: new Vpc(stack, 'Vpc', { natGateways: 0 }), launchesPerSecond: 10 }
const pool: PushPool = new PushPool(stack, 'Pools', props)
console.log(pool.functions.all.length)
app.synth()
`

/** Checks the package's own declarations too, with a compiler that is older than ours. */
async function prepare(app: App): Promise<void> {
  app.write('package.json', JSON.stringify({ name: 'own', version: '1.0.0', private: true, type: 'module' }))
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, types: ['node'] }
  app.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  app.write('app.ts', PROGRAM)
  await app.install('aws-cdk-lib@2', 'constructs@10', 'typescript@5.9', '@types/node@22')
}

withApp('an app of ES modules', prepare, (app) => {
  it('compiles and synthesizes the construct, with the functions from the package', async () => {
    await app().run('tsc')
    expect(await app().run('node', 'app.js')).toBe(`${FUNCTION_NAMES.length}\n`)
    const functions = functionsOf(app())
    expect(functions).toHaveLength(FUNCTION_NAMES.length)
    for (const files of functions) expect(files).toContain('index.mjs')
  })
})
