import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll } from 'vitest'
import { FUNCTION_NAMES } from '#shared/config.ts'
import { PushPoolStack } from '../../cdk/stack.ts'

const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })))

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pushpool-stack-'))
  folders.push(folder)
  return folder
}

/** Folders with a placeholder for each bundle: their contents do not matter to a template. */
export function standInBundles(code = 'export const handler = () => {}'): string {
  const folder = newFolder()
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'index.mjs'), code)
  }
  return folder
}

/** An app without CDK's built-in linter, which takes seconds; app.test.ts runs it. */
export function newApp(context: Record<string, unknown> = {}): App {
  return new App({ context, outdir: newFolder(), builtinCloudFormationValidation: false, analyticsReporting: false })
}

/** The stack's template, given this context. */
export function templateOf(context: Record<string, unknown> = {}, bundles = standInBundles()): Template {
  return Template.fromStack(new PushPoolStack(newApp(context), { bundles }))
}

export interface Resource {
  Type: string
  Properties: Record<string, unknown>
  DeletionPolicy?: string
}

/** Resources of a type, by their logical ids. */
export function resourcesOf(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.findResources(type) as Record<string, Resource>)
}
