/**
 * Raised for a schema that is itself invalid, so that conformance is undecidable.
 * - `invalid`: it breaks the rules of JSON schema;
 * - `circular`: it refers to itself without end;
 * - `unresolvable`: it refers to what is not in it (nothing is ever fetched);
 * - `costly`: it takes more work than a request may cost.
 */
export class SchemaError extends Error {
  readonly kind: 'invalid' | 'circular' | 'unresolvable' | 'costly'

  constructor(kind: SchemaError['kind'], message: string) {
    super(message)
    this.name = 'SchemaError'
    this.kind = kind
  }
}
