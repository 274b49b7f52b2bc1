import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { ROOT } from './entries.ts'

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/[^/]+|[^/]+))\//

/** The licences of the packages whose code is in the bundles, as these licences ask for. */
export function thirdPartyNotices(reports: readonly Metafile[]): string {
  const inputs = reports.flatMap(({ outputs }) => Object.values(outputs).flatMap((each) => Object.keys(each.inputs)))
  const folders = new Set(inputs.flatMap((path) => PACKAGE.exec(path)?.[1] ?? []))
  const named = new Map<string, string[]>()
  for (const folder of [...folders].toSorted()) {
    const { name, version, licence, text } = licenceOf(join(ROOT, folder))
    const key = `${licence}\n\n${text}`
    named.set(key, [...(named.get(key) ?? []), `${name} ${version}`])
  }
  const parts = [...named].map(([text, names]) => `${[...new Set(names)].join('\n')}\n\n${text.trim()}\n`)
  return `Code of these packages is part of pushpool's bundles.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`
}

function licenceOf(folder: string): { name: string; version: string; licence: string; text: string } {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
  }
  if (!license) throw new Error(`${name} names no licence in its package.json.`)
  const file = existsSync(folder) ? readdirSync(folder).find((each) => /^licen[cs]e/i.test(each)) : undefined
  return { name, version, licence: license, text: file ? readFileSync(join(folder, file), 'utf8').trim() : '' }
}
