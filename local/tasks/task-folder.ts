import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../write-file.ts'
import type { TaskRecord } from './task-record.ts'

/** The files of one task. */
export interface TaskFolder {
  path: string
  record: string
  /** Standard output and standard error, in the order they came. */
  output: string
  /** How many bytes of the output are in the run's logs. */
  shipped: string
  /** Written by the supervisor: the command's exit status, or `unstarted`. */
  exit: string
}

export function taskFolder(tasksPath: string, taskId: string): TaskFolder {
  const path = join(tasksPath, taskId)
  const file = (name: string) => join(path, name)
  return { path, record: file('task.json'), output: file('output.log'), shipped: file('shipped'), exit: file('exit') }
}

/** Writes a task's record; its folder is made with the first. */
export function writeRecord(folder: TaskFolder, record: TaskRecord): void {
  mkdirSync(folder.path, { recursive: true })
  replaceFile(folder.record, JSON.stringify(record))
}

/** The records of all tasks. A folder without one never got as far as starting anything, and is removed. */
export function readRecords(tasksPath: string): TaskRecord[] {
  return readdirSync(tasksPath).flatMap((taskId) => {
    const folder = taskFolder(tasksPath, taskId)
    const text = readText(folder.record)
    if (text !== undefined) return [JSON.parse(text) as TaskRecord]
    removeFolder(folder)
    return []
  })
}

export function removeFolder(folder: TaskFolder): void {
  rmSync(folder.path, { recursive: true, force: true })
}

export type Exit = { kind: 'exited'; code: number } | { kind: 'unstarted' } | { kind: 'unknown' }

/** What the supervisor left behind; unknown when it was killed before it could write. */
export function readExit(folder: TaskFolder): Exit {
  const text = readText(folder.exit) ?? ''
  // A status counts only with its end of line: the rest may still be on its way.
  if (!text.endsWith('\n')) return { kind: 'unknown' }
  return text.startsWith('unstarted') ? { kind: 'unstarted' } : { kind: 'exited', code: Number(text) }
}

export function readShipped(folder: TaskFolder): number {
  return Number(readText(folder.shipped) ?? 0)
}
export function writeShipped(folder: TaskFolder, bytes: number): void {
  replaceFile(folder.shipped, String(bytes))
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
