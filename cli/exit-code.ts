/** The exit codes of all commands; docs/agent.md lists the further ones of an agent. */
export const EXIT_CODE = { done: 0, failed: 1, usage: 2, notFound: 3, refused: 4, interrupted: 130 } as const

/** A failure with an exit code of its own. The message is a sentence for people. */
export class CliError extends Error {
  readonly exitCode: number
  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}
