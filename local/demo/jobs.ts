import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { Job } from './job.ts'

/** Where the commands run: the repository, over whose own files they work. */
export const ROOT = join(import.meta.dirname, '../..')

const text = (...path: string[]) => readFileSync(join(...path), 'utf8')
const own = (file: string) => text(ROOT, file)
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
const lines = (content: string) => content.split('\n').filter((line) => line !== '')

/** The TypeScript files of a folder of the repository, in the order of their bytes. */
function sources(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`)
    .toSorted()
}
const contentOf = (folder: string) => sources(folder).map(own).join('')

/**
 * A line for the shell, with the files' folder as $OUT and Node as $NODE. It lingers a while: on files of this size the
 * tools are done before anybody could see them hold a slot.
 */
const shell = (line: string, lingerSeconds: number) => ['sh', '-c', `${line} && sleep ${lingerSeconds}`]
const node = (script: string, lingerSeconds: number) => shell(`"$NODE" -e '${script}'`, lingerSeconds)

const URGENT: Omit<Job, 'queue'>[] = [
  {
    name: 'checksum-lock-file',
    flow: 'checksum',
    command: node(
      `const { createHash } = require("node:crypto"), fs = require("node:fs");
       const sum = createHash("sha256").update(fs.readFileSync("package-lock.json")).digest("hex");
       fs.writeFileSync(process.env.OUT + "/lock.sha256", sum); console.log("package-lock.json", sum)`,
      1,
    ),
    ends: 'COMPLETED',
    verify: (out) => text(out, 'lock.sha256') === sha256(own('package-lock.json')),
  },
  {
    name: 'count-lines',
    flow: 'count',
    command: shell('find shared -name "*.ts" -type f -exec cat {} + | wc -l >"$OUT/lines"', 1.2),
    ends: 'COMPLETED',
    verify: (out) => Number(text(out, 'lines')) === contentOf('shared').split('\n').length - 1,
  },
  {
    name: 'gzip-lock-file',
    flow: 'compress',
    command: shell('gzip -9 -c package-lock.json >"$OUT/lock.gz"', 0.8),
    ends: 'COMPLETED',
    verify: (out) => gunzipSync(readFileSync(join(out, 'lock.gz'))).toString() === own('package-lock.json'),
  },
  {
    name: 'test-no-gzip',
    flow: 'compress',
    // What it is given is no gzip file, so this must fail.
    command: shell('gzip -t package.json', 1),
    ends: 'FAILED',
  },
  {
    name: 'list-sources',
    flow: 'count',
    command: shell('find local -name "*.ts" -type f | LC_ALL=C sort | tee "$OUT/sources"', 1),
    ends: 'COMPLETED',
    verify: (out) => lines(text(out, 'sources')).join() === sources('local').join(),
  },
]

const BULK: Omit<Job, 'queue'>[] = [
  {
    name: 'follow-a-file',
    flow: 'watch',
    // Ends only when it is told to.
    command: ['tail', '-f', 'package.json'],
    ends: 'CANCELLED',
  },
  {
    name: 'tar-shared',
    flow: 'archive',
    command: shell('tar -cf - shared | gzip -c >"$OUT/shared.tgz"', 1.4),
    ends: 'COMPLETED',
    verify: (out) => tarred(join(out, 'shared.tgz')) === sources('shared').join(),
  },
  {
    name: 'tar-functions',
    flow: 'archive',
    command: shell('tar -cf - functions | gzip -c >"$OUT/functions.tgz"', 1),
    ends: 'COMPLETED',
    verify: (out) => tarred(join(out, 'functions.tgz')) === sources('functions').join(),
  },
  {
    name: 'brotli-lock-file',
    flow: 'compress',
    command: node(
      `const { brotliCompressSync } = require("node:zlib"), fs = require("node:fs");
       fs.writeFileSync(process.env.OUT + "/lock.br", brotliCompressSync(fs.readFileSync("package-lock.json")))`,
      0.6,
    ),
    ends: 'COMPLETED',
    verify: (out) => brotliDecompressSync(readFileSync(join(out, 'lock.br'))).toString() === own('package-lock.json'),
  },
  {
    name: 'sort-words',
    flow: 'sort',
    command: shell('cat package.json | tr -cs "a-z" "\\n" | LC_ALL=C sort -u >"$OUT/words"', 1.2),
    ends: 'COMPLETED',
    verify: (out) => lines(text(out, 'words')).join() === wordsOf(own('package.json')).join(),
  },
  {
    name: 'count-words',
    flow: 'count',
    command: shell('cat shared/contract/*.ts | wc -w >"$OUT/word-count"', 1),
    ends: 'COMPLETED',
    verify: (out) => Number(text(out, 'word-count')) === contentOf('shared/contract').trim().split(/\s+/).length,
  },
  {
    name: 'count-imports',
    flow: 'count',
    command: shell('grep -rh "^import " functions | wc -l >"$OUT/imports"', 0.8),
    ends: 'COMPLETED',
    verify: (out) => Number(text(out, 'imports')) === lines(contentOf('functions')).filter(isImport).length,
  },
  {
    name: 'gzip-round-trip',
    flow: 'compress',
    command: shell('gzip -c package-lock.json | gzip -dc | cmp - package-lock.json', 1.2),
    ends: 'COMPLETED',
  },
  {
    name: 'split-and-join',
    flow: 'archive',
    command: shell('split -b 16000 package-lock.json "$OUT/part." && cat "$OUT"/part.* >"$OUT/joined"', 1),
    ends: 'COMPLETED',
    verify: (out) => text(out, 'joined') === own('package-lock.json'),
  },
  {
    name: 'reverse-lines',
    flow: 'sort',
    command: shell(`sed -n '1!G;h;$p' package.json >"$OUT/reversed"`, 0.8),
    ends: 'COMPLETED',
    verify: (out) => lines(text(out, 'reversed')).join() === lines(own('package.json')).toReversed().join(),
  },
  {
    name: 'count-packages',
    flow: 'count',
    command: node(
      `const { packages } = JSON.parse(require("node:fs").readFileSync("package-lock.json", "utf8"));
       require("node:fs").writeFileSync(process.env.OUT + "/packages", String(Object.keys(packages).length))`,
      1,
    ),
    ends: 'COMPLETED',
    verify: (out) =>
      Number(text(out, 'packages')) === Object.keys(JSON.parse(own('package-lock.json')).packages as object).length,
  },
  {
    name: 'checksum-sources',
    flow: 'checksum',
    command: node(
      `const { createHash } = require("node:crypto"), fs = require("node:fs");
       for (const file of fs.readdirSync("shared/engine").sort())
         fs.appendFileSync(process.env.OUT + "/engine.sha256", createHash("sha256").update(fs.readFileSync("shared/engine/" + file)).digest("hex") + "\\n")`,
      1,
    ),
    ends: 'COMPLETED',
    verify: (out) =>
      lines(text(out, 'engine.sha256')).join() === sources('shared/engine').map((file) => sha256(own(file))).join(),
  },
]

/** The jobs in the order in which they are sent: the urgent ones last, and yet they must start first. */
export const JOBS: readonly Job[] = [
  ...BULK.map((job): Job => ({ ...job, queue: 'bulk' })),
  ...URGENT.map((job): Job => ({ ...job, queue: 'urgent' })),
]

/** Sent when nothing else runs: how fast a run starts that has to wait for nothing. */
export const LONE_JOB: Job = {
  name: 'alone',
  flow: 'count',
  queue: 'urgent',
  command: ['wc', '-c', 'package.json'],
  ends: 'COMPLETED',
}

function tarred(archive: string): string {
  const listed = lines(execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }))
  return listed
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .join()
}

function wordsOf(content: string): string[] {
  return [...new Set(content.match(/[a-z]+/g))].toSorted()
}

function isImport(line: string): boolean {
  return line.startsWith('import ')
}
