import { expect, it } from 'vitest'
import { FUNCTION_NAMES } from '#shared/config.ts'
import { type App, withApp } from './support/app.ts'
import { deployedFunctions } from './support/deployed-functions.ts'

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

/** Checks the package's own declarations too. */
async function prepare(app: App): Promise<void> {
  app.write('package.json', JSON.stringify({ name: 'own', version: '1.0.0', private: true, type: 'module' }))
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, types: ['node'] }
  app.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  app.write('app.ts', PROGRAM)
  await app.install('aws-cdk-lib@2', 'constructs@10', 'typescript@7', '@types/node@22')
}

withApp('an app of ES modules', prepare, (app) => {
  it('compiles and synthesizes the construct, with the functions from the package', async () => {
    await app().run('tsc')
    expect(await app().run('node', 'app.js')).toBe(`${FUNCTION_NAMES.length}\n`)
    expect(deployedFunctions(app())).toEqual(FUNCTION_NAMES)
  })
})
