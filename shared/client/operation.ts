/** One operation of the API as the client needs to know it at run time; scripts/client-table.ts generates them. */
export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the API's base, with `:name` for path parameters. */
  path: string
  query?: true
  body?: true
  /** The reply is a text, not JSON. */
  plainText?: true
  /** How the list is paged: by offset, or by page number. */
  pages?: 'offset' | 'number'
  /** May be sent again when the first answer was lost: always (as every GET), or with an idempotency key only. */
  repeat?: 'always' | 'keyed'
}
