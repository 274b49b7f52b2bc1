import { renameSync, writeFileSync } from 'node:fs'

/**
 * Replaces a file as a whole: readers see the old text or the new, also when this process is killed half-way. It is not
 * forced to the disk, since everything kept so describes processes, and none of those survives the machine's crash. A
 * file has one writer at a time: all of them are under the data folder's lock.
 */
export function replaceFile(path: string, text: string): void {
  const part = `${path}.part`
  writeFileSync(part, text)
  renameSync(part, path)
}
