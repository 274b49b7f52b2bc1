/**
 * A shell passes an environment on as far as it is made of variables: dash drops a name such as `my.setting`, and both
 * dash and bash set some by themselves. An environment with one of these travels in disguise, as variables of harmless
 * names, and Node puts it right in the very process that becomes the command. That takes some 50 ms, so only these do.
 */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** POSIX: Shell Command Language 2.5.3, "Shell Variables", and what bash(1) lists beside them. */
const SET_BY_SHELLS =
  /^(?:_|PWD|OLDPWD|SHLVL|SHELLOPTS|IFS|OPT[A-Z]+|PPID|LINENO|PS\d|ENV|E?UID|GROUPS|RANDOM|SECONDS|EPOCH[A-Z]+|COLUMNS|LINES|BASH.*|DIRSTACK|FUNCNAME|HIST[A-Z]+|HOST(?:NAME|TYPE)|MACHTYPE|OSTYPE|PIPESTATUS|POSIXLY_CORRECT)$/

const DISGUISE = 'PUSHPOOL_ENV_'

/**
 * Node ignores SIGPIPE and SIGXFSZ, and what is ignored stays so across execve(2), while what is handled gets its default
 * action back. Before Node 22.15, which has execve first, the command is a child, and Node stays until it has ended.
 */
const UNMASK = `
for (const signal of ['SIGPIPE', 'SIGXFSZ']) process.on(signal, () => {})
const pairs = Object.entries(process.env).filter(([name]) => name.startsWith('${DISGUISE}'))
const env = pairs.map(([, pair]) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
const [, program, ...args] = process.argv
if (process.execve) process.execve(program, [program, ...args], Object.fromEntries(env))
process.on('SIGTERM', () => {})
const { constants } = require('node:os')
require('node:child_process')
  .spawn(program, args, { env: Object.fromEntries(env), stdio: 'inherit' })
  .on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
`

/** The command and environment with which a shell starts a command in exactly the given environment. */
export function exactly(
  command: readonly string[],
  env: Record<string, string>,
): { command: readonly string[]; env: Record<string, string> } {
  const names = Object.keys(env)
  if (names.every((name) => PLAIN_NAME.test(name) && !SET_BY_SHELLS.test(name))) return { command, env }
  const disguised = Object.entries(env).map(([name, value], index) => [`${DISGUISE}${index}`, `${name}=${value}`])
  return { command: [process.execPath, '-e', UNMASK, '--', ...command], env: Object.fromEntries(disguised) }
}
