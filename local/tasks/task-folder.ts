import {
  appendFileSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { TaskRecord } from './task-record.ts'

/** The files of one task. */
export interface TaskFolder {
  path: string
  /** The record as it was at first, then each change; nothing in it is ever overwritten, and so can't be lost. */
  record: string
  /** Standard output and standard error, in the order they came. */
  output: string
  /** How many bytes of the output are in the run's logs. */
  shipped: string
  /** Written by the supervisor: `started` and then the command's exit status, or `unstarted`. */
  exit: string
}

/** The paths of a task's folder; makes nothing. */
export function taskFolder(tasksPath: string, taskId: string): TaskFolder {
  const path = join(tasksPath, taskId)
  const file = (name: string) => join(path, name)
  return { path, record: file('task.jsonl'), output: file('output.log'), shipped: file('shipped'), exit: file('exit') }
}

/** Creates a task's folder, with its record. */
export function createRecord(folder: TaskFolder, record: TaskRecord): void {
  mkdirSync(folder.path, { recursive: true })
  appendChange(folder, record)
}

/** Adds a change to a task's record. The line ends with the next one, so a line that a kill cut short stays alone. */
export function appendChange(folder: TaskFolder, change: Partial<TaskRecord>): void {
  appendFileSync(folder.record, `\n${JSON.stringify(change)}`)
}

/** The records of all tasks. A folder without one never got as far as starting anything, and is removed. */
export function readRecords(tasksPath: string): TaskRecord[] {
  return readdirSync(tasksPath).flatMap((taskId) => {
    const folder = taskFolder(tasksPath, taskId)
    const [first, ...changes] = (readText(folder.record) ?? '').split('\n').flatMap(readLine)
    if (first && 'id' in first) return [Object.assign({}, first as TaskRecord, ...changes) as TaskRecord]
    removeFolder(folder)
    return []
  })
}

function readLine(line: string): Partial<TaskRecord>[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as Partial<TaskRecord>]
  } catch {
    return []
  }
}

/** Deletes a task's folder with all that is in it, if it is there. */
export function removeFolder(folder: TaskFolder): void {
  rmSync(folder.path, { recursive: true, force: true })
}

const SHIPPED_DIGITS = 16

/** How many bytes of the output are in the run's logs. */
export function readShipped(folder: TaskFolder): number {
  return Number(readText(folder.shipped) ?? 0)
}
/** Overwrites the figure where it stands, always as long as before: there is no moment without one. */
export function writeShipped(folder: TaskFolder, bytes: number): void {
  const file = openSync(folder.shipped, constants.O_WRONLY | constants.O_CREAT)
  writeSync(file, String(bytes).padStart(SHIPPED_DIGITS), 0)
  closeSync(file)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
