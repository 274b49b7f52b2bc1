import { Command, CommanderError } from 'commander'
import { VERSION } from '#shared/version.ts'
import type { CliContext, CommandEntry } from './command.ts'
import { COMMANDS, NOUNS } from './commands.ts'
import { CliError, EXIT_CODE } from './exit-code.ts'
import { UsageError, usageSentence, withoutKeys } from './usage-error.ts'

// Commander, since it has what people expect of a command line with nouns and verbs (help for each, "did you mean",
// hooks for loading a command late), at some 10 ms over a bare Node; citty is quicker by 8 ms, and suggests nothing.

const EXIT_CODE_HELP = `
Exit codes: ${EXIT_CODE.done} done, ${EXIT_CODE.failed} failed, ${EXIT_CODE.usage} wrong usage, ${EXIT_CODE.notFound} not found, ${EXIT_CODE.refused} key refused, ${EXIT_CODE.interrupted} interrupted.`

/** Runs a command line to its end and returns its exit code. It raises nothing: errors are written for people. */
export async function runProgram(argv: readonly string[], context: CliContext): Promise<number> {
  const program = new CommandLine(context)
  try {
    return await program.run(argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODE.done
    // Help was shown in place of an error.
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT_CODE.usage
    if (error instanceof CommanderError || error instanceof UsageError) {
      context.err(`${usageSentence(error.message)}\n\n${program.usage()}`)
      return EXIT_CODE.usage
    }
    context.err(`${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof CliError ? error.exitCode : EXIT_CODE.failed
  }
}

/** The tree of all commands, each of which is loaded when it is called. */
class CommandLine {
  readonly #context: CliContext
  readonly #root = new Command('pushpool')
  readonly #entries = new Map<Command, CommandEntry>()
  #current = this.#root
  #exitCode = 0

  constructor(context: CliContext) {
    this.#context = context
    this.#root
      .description('Work pools on serverless AWS.')
      .version(VERSION, '--version', 'show the version')
      .helpOption('-h, --help', 'show this help')
      .addHelpText('after', EXIT_CODE_HELP)
      .configureOutput({ writeOut: context.out, writeErr: context.err, outputError: () => {} })
      .exitOverride()
    this.#setUp(this.#root)
    for (const entry of COMMANDS) this.#add(entry)
  }

  async run(argv: readonly string[]): Promise<number> {
    await this.#root.parseAsync(argv, { from: 'user' })
    return this.#exitCode
  }

  /** The usage of the called command, and where to read more. */
  usage(): string {
    const path = [this.#current.name()]
    for (let at = this.#current.parent; at; at = at.parent) path.unshift(at.name())
    const words = path.join(' ')
    return `Usage: ${words} ${this.#current.usage()}\nSee '${words} --help'.\n`
  }

  #add(entry: CommandEntry): void {
    const words = entry.words.split(' ')
    const parent = words.length > 1 ? this.#noun(words[0] ?? '') : this.#root
    const command = describe(parent.command(words.at(-1) ?? '', { hidden: entry.hidden ?? false }), entry.summary)
    // Names the unexpected argument, which commander does less plainly.
    command.allowExcessArguments()
    this.#entries.set(command, entry)
  }

  #noun(name: string): Command {
    const known = this.#root.commands.find((each) => each.name() === name)
    return known ?? this.#setUp(describe(this.#root.command(name), NOUNS[name] ?? ''))
  }

  #setUp(command: Command): Command {
    return command.helpCommand(false).hook('preSubcommand', (_, called) => this.#load(called))
  }

  async #load(called: Command): Promise<void> {
    this.#current = called
    const entry = this.#entries.get(called)
    if (!entry) return
    const { define, run } = await entry.load()
    define(called)
    called.action(async () => {
      assertNoExcess(called)
      this.#exitCode = (await run(called, this.#context)) ?? EXIT_CODE.done
    })
  }
}

/** The summary is for lists; at the head of its own help it is a sentence. */
function describe(command: Command, summary: string): Command {
  return command.summary(summary).description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
}

function assertNoExcess({ args, registeredArguments }: Command): void {
  const excess = args[registeredArguments.length]
  if (excess !== undefined && !registeredArguments.at(-1)?.variadic) {
    throw new UsageError(withoutKeys(`Unexpected argument '${excess}'.`))
  }
}
