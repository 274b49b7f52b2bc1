/** A body that is no JSON at all: 400, apart from JSON that says the wrong thing. */
export class MalformedBody extends Error {
  constructor() {
    super('The request body is not valid JSON.')
    this.name = 'MalformedBody'
  }
}
