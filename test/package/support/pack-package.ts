import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPackage } from '../../../scripts/build.ts'
import { npm } from './npm.ts'

/** Builds the package and packs it as npm would publish it, in a folder that is removed at the end. */
export async function packPackage(): Promise<{ folder: string; tarball: string; remove: () => void }> {
  const work = mkdtempSync(join(tmpdir(), 'pushpool-packed-'))
  const folder = await buildPackage(join(work, 'package'))
  const packed = await npm(['pack', '--json', `--pack-destination=${work}`], { cwd: folder })
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  return { folder, tarball: join(work, filename), remove: () => rmSync(work, { recursive: true, force: true }) }
}
