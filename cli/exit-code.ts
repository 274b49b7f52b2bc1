/** The exit codes of all commands. */
export const EXIT_CODE = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const
