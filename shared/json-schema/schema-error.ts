/**
 * Raised where a schema itself is at fault, so that nobody can say whether a value conforms to it.
 * - `invalid`: it breaks the rules of JSON schema;
 * - `circular`: it refers to itself without end;
 * - `unresolvable`: it refers to what is not in it (nothing is ever fetched);
 * - `costly`: it asks for more work than a request may cost.
 */
export class SchemaError extends Error {
  readonly kind: 'invalid' | 'circular' | 'unresolvable' | 'costly'

  constructor(kind: SchemaError['kind'], message: string) {
    super(message)
    this.name = 'SchemaError'
    this.kind = kind
  }
}
