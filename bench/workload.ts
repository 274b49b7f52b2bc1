import type { Sizes } from './sizes.ts'

/** A line of a table; the names are its columns. */
export type Row = Record<string, string | number>

/** A workload's results. */
export interface Report {
  rows: Row[]
  /** How to read the rows. */
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

/** A workload's context. */
export interface Bench<S = Sizes> {
  sizes: S
  /** An empty folder of the workload's own, on disk. */
  folder: string
  /** Shows the progress. */
  progress: (text: string) => void
  /** Registers a cleanup for the end of the workload; the latest runs first. */
  onEnd: (stop: () => Promise<unknown>) => void
}
