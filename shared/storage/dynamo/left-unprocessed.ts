/** DynamoDB throttles by leaving a part of a batch unprocessed: it did so each time. The same batch may pass later. */
export class LeftUnprocessed extends Error {
  constructor(keys: number) {
    super(`DynamoDB keeps leaving keys of a batch unprocessed, ${keys} of them`)
    this.name = 'LeftUnprocessed'
  }
}
