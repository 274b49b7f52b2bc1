import type { FlowRun } from './flow-run.ts'

/** A run in one of its lives: what belongs to it is kept under both, so that no other life of the id has it. */
export type RunRef = Pick<FlowRun, 'id' | 'life'>
