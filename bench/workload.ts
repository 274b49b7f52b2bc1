import type { Sizes } from './sizes.ts'

/** A line of a table; the names are its columns. */
export type Row = Record<string, string | number>

/** What a workload found out. */
export interface Report {
  rows: Row[]
  /** What one must know to read the rows. */
  notes: string[]
  /** Requests that failed, with what the first of them said. Any is a failure of the benchmark. */
  errors: string[]
}

export interface Workload<S = Sizes> {
  name: string
  /** What is measured, in one line. */
  title: string
  run: (bench: Bench<S>) => Promise<Report>
}

/** What a workload gets to work with. */
export interface Bench<S = Sizes> {
  sizes: S
  /** An empty folder of the workload's own, on disk. */
  folder: string
  /** Tells people how far it is. */
  progress: (text: string) => void
  /** Has something stopped when the workload is over, however it ends; the latest first. */
  onEnd: (stop: () => Promise<unknown>) => void
}
