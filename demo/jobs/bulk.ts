import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { type Files, linesOf } from '../files.ts'
import { type QueuelessJob, script, shell } from '../job.ts'

/** More of them than the queue has slots. */
export const BULK: readonly QueuelessJob[] = [
  {
    name: 'follow-a-file',
    flow: 'watch',
    // Ends only when stopped.
    command: ['tail', '-f', 'package.json'],
    ends: 'CANCELLED',
  },
  ...['shared', 'functions'].map((folder) => ({
    name: `tar-${folder}`,
    flow: 'archive',
    command: shell(`tar -cf - ${folder} | gzip -c >"$OUT/${folder}.tgz"`, 1.2),
    ends: 'COMPLETED' as const,
    verify: (files: Files) => tarredSources(join(files.out, `${folder}.tgz`)) === files.sources(folder).join(),
  })),
  {
    name: 'brotli-lock-file',
    flow: 'compress',
    command: script(
      `const { brotliCompressSync } = require("node:zlib"), fs = require("node:fs");
       fs.writeFileSync(process.env.OUT + "/lock.br", brotliCompressSync(fs.readFileSync("package-lock.json")))`,
      0.6,
    ),
    ends: 'COMPLETED',
    verify: (files) => brotliDecompressSync(files.made('lock.br')).toString() === files.own('package-lock.json'),
  },
  {
    name: 'sort-words',
    flow: 'sort',
    command: shell('tr -cs "a-z" "\\n" <package.json | LC_ALL=C sort -u >"$OUT/words"', 1.2),
    ends: 'COMPLETED',
    verify: (files) =>
      linesOf(files.madeText('words')).join() ===
      [...new Set(files.own('package.json').match(/[a-z]+/g))].toSorted().join(),
  },
  {
    name: 'count-words',
    flow: 'count',
    command: shell('wc -w <package-lock.json >"$OUT/word-count"', 1),
    ends: 'COMPLETED',
    verify: (files) =>
      Number(files.madeText('word-count')) === files.own('package-lock.json').trim().split(/\s+/).length,
  },
  {
    name: 'count-imports',
    flow: 'count',
    command: shell('grep -rh "^import " functions | wc -l >"$OUT/imports"', 0.8),
    ends: 'COMPLETED',
    verify: (files) =>
      Number(files.madeText('imports')) ===
      linesOf(files.sourceText('functions')).filter((line) => line.startsWith('import ')).length,
  },
  {
    name: 'gzip-round-trip',
    flow: 'compress',
    // cmp fails the run where the two differ.
    command: shell('gzip -c package-lock.json | gzip -dc | cmp - package-lock.json', 1.2),
    ends: 'COMPLETED',
  },
  {
    name: 'split-and-join',
    flow: 'archive',
    command: shell('split -b 16000 package-lock.json "$OUT/part." && cat "$OUT"/part.* >"$OUT/joined"', 1),
    ends: 'COMPLETED',
    verify: (files) => files.madeText('joined') === files.own('package-lock.json'),
  },
  {
    name: 'reverse-lines',
    flow: 'sort',
    command: shell(`sed -n '1!G;h;$p' package.json >"$OUT/reversed"`, 0.8),
    ends: 'COMPLETED',
    verify: (files) =>
      linesOf(files.madeText('reversed')).join() === linesOf(files.own('package.json')).toReversed().join(),
  },
  {
    name: 'count-packages',
    flow: 'count',
    command: script(
      `const fs = require("node:fs"), { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
       fs.writeFileSync(process.env.OUT + "/packages", String(Object.keys(packages).length))`,
      1,
    ),
    ends: 'COMPLETED',
    verify: (files) => {
      const { packages } = JSON.parse(files.own('package-lock.json')) as { packages: object }
      return Number(files.madeText('packages')) === Object.keys(packages).length
    },
  },
  {
    name: 'checksum-sources',
    flow: 'checksum',
    command: script(
      `const { createHash } = require("node:crypto"), fs = require("node:fs");
       const sum = (file) => createHash("sha256").update(fs.readFileSync("shared/storage/dynamo/" + file)).digest("hex");
       fs.writeFileSync(process.env.OUT + "/sums", fs.readdirSync("shared/storage/dynamo").sort().map(sum).join("\\n"))`,
      1,
    ),
    ends: 'COMPLETED',
    verify: (files) => linesOf(files.madeText('sums')).join() === sumsOf(files, 'shared/storage/dynamo').join(),
  },
]

function tarredSources(archive: string): string {
  const listed = linesOf(execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }))
  return listed
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .join()
}

function sumsOf(files: Files, folder: string): string[] {
  return files.sources(folder).map((file) => createHash('sha256').update(files.own(file)).digest('hex'))
}
