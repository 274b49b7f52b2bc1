import { loadedOnce } from './loaded-once.ts'

/** The check of values by JSON schemas: most calls make none, so that a function's start need not read it. */
export const loadConform = loadedOnce(() => import('#shared/json-schema/conform.ts'))
