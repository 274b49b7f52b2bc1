#!/usr/bin/env node
import { runProgram } from './program.ts'

// Who reads through a pipe may close it early, as `head` does: what is written then goes nowhere, and fails nothing.
for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)

process.exitCode = await runProgram(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
})

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
