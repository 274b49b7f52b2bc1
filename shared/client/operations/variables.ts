import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const variables = {
  /** Count variables. */
  countVariables: { method: 'POST', path: '/variables/count', body: true, repeat: 'always' },
  /** Create a variable. */
  createVariable: { method: 'POST', path: '/variables/', body: true },
  /** Delete a variable. */
  deleteVariable: { method: 'DELETE', path: '/variables/:id', repeat: 'always' },
  /** Delete a variable by its name. */
  deleteVariableByName: { method: 'DELETE', path: '/variables/name/:name', repeat: 'always' },
  /** Get a variable. */
  getVariable: { method: 'GET', path: '/variables/:id' },
  /** Get a variable by its name. */
  getVariableByName: { method: 'GET', path: '/variables/name/:name' },
  /** List variables. */
  listVariables: { method: 'POST', path: '/variables/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Update a variable's value or tags; omitted fields stay unchanged. */
  updateVariable: { method: 'PATCH', path: '/variables/:id', body: true, repeat: 'always' },
  /** Update a variable by its name. */
  updateVariableByName: { method: 'PATCH', path: '/variables/name/:name', body: true },
} as const satisfies Record<string, Operation>
