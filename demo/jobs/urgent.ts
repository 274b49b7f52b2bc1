import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { linesOf } from '../files.ts'
import { type QueuelessJob, script, shell } from '../job.ts'

/** Few and short; the queue has priority. */
export const URGENT: readonly QueuelessJob[] = [
  {
    name: 'checksum-lock-file',
    flow: 'checksum',
    command: script(
      `const { createHash } = require("node:crypto"), fs = require("node:fs");
       const sum = createHash("sha256").update(fs.readFileSync("package-lock.json")).digest("hex");
       fs.writeFileSync(process.env.OUT + "/lock.sha256", sum); console.log(sum, "package-lock.json")`,
      1,
    ),
    ends: 'COMPLETED',
    verify: (files) =>
      files.madeText('lock.sha256') === createHash('sha256').update(files.own('package-lock.json')).digest('hex'),
  },
  {
    name: 'count-lines',
    flow: 'count',
    command: shell('find shared -name "*.ts" -type f -exec cat {} + | wc -l | tee "$OUT/lines"', 1.2),
    ends: 'COMPLETED',
    verify: (files) => Number(files.madeText('lines')) === files.sourceText('shared').split('\n').length - 1,
  },
  {
    name: 'gzip-lock-file',
    flow: 'compress',
    command: shell('gzip -9 -c package-lock.json >"$OUT/lock.gz"', 0.8),
    ends: 'COMPLETED',
    verify: (files) => gunzipSync(files.made('lock.gz')).toString() === files.own('package-lock.json'),
  },
  {
    name: 'test-no-gzip',
    flow: 'compress',
    // What it is given is no gzip file, so it must fail.
    command: ['gzip', '-t', 'package.json'],
    ends: 'FAILED',
  },
  {
    name: 'list-sources',
    flow: 'count',
    command: shell('find local -name "*.ts" -type f | LC_ALL=C sort | tee "$OUT/sources"', 1),
    ends: 'COMPLETED',
    verify: (files) => linesOf(files.madeText('sources')).join() === files.sources('local').join(),
  },
]
