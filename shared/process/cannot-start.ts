/** A command or container can't be started, and nothing of it runs. The message is for the one who wants it. */
export class CannotStart extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CannotStart'
  }
}
