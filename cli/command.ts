import type { Command } from 'commander'

/** What a command may use of the process that it runs in. */
export interface CliContext {
  env: Record<string, string | undefined>
  /** Writes what scripts read, and nothing else. */
  out: (text: string) => void
  /** Writes what is meant for people. */
  err: (text: string) => void
}

/** A command, one a file; it is imported only when it is called or its help is shown. */
interface CommandModule {
  /** Declares its arguments and options. */
  define: (command: Command) => void
  /**
   * Runs it; returns its exit code, 0 unless given. A UsageError shows the usage; the message of any other error must be
   * a sentence for people, as it is all that they see.
   */
  run: (command: Command, context: CliContext) => Promise<number | void>
}

/** A command as the help lists it. */
export interface CommandEntry {
  /** The words that call it: a verb, or a noun and a verb. */
  words: string
  summary: string
  /** Called by programs, and left out of the help. */
  hidden?: boolean
  load: () => Promise<CommandModule>
}
