/** The CDK app, run by `cdk`: bundles the functions as they are now, so that what is deployed is never older. */

import { join } from 'node:path'
import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { bundleFunctions } from '../scripts/bundle.ts'
import { PushPoolStack } from './stack.ts'

const app = new App()
const bundles = join(app.outdir, 'functions')
await bundleFunctions(bundles)
new PushPoolStack(app, { bundles })
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
app.synth()
