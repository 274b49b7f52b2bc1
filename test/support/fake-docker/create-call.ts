import { readFileSync } from 'node:fs'

const SWITCHES = new Set(['--quiet', '--privileged'])

/** The arguments of `docker create`: its flags, each with its values, the image and the command. */
export function parseCreate(args: readonly string[]) {
  const flags = new Map<string, string[]>()
  let at = 0
  for (; at < args.length && args[at]?.startsWith('--') && args[at] !== '--'; at += 1) {
    const flag = args[at] ?? ''
    const values = flags.get(flag) ?? []
    flags.set(flag, values)
    if (SWITCHES.has(flag)) continue
    at += 1
    values.push(args[at] ?? '')
  }
  if (args[at] === '--') at += 1
  const [image = '', ...command] = args.slice(at)
  const valuesOf = (flag: string) => flags.get(flag) ?? []
  return { image, command, valuesOf, env: environmentOf(valuesOf('--env-file'), valuesOf('--env')) }
}

/**
 * https://docs.docker.com/reference/cli/docker/container/run/#env: "You can also use variables exported to your local
 * environment"; a file has a variable a line, and lines that start with # are comments.
 */
function environmentOf(files: readonly string[], names: readonly string[]): Record<string, string> {
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n')).filter((line) => line.trim() !== '')
  const fromFiles = lines.filter((line) => !line.startsWith('#')).map(pairOf)
  const given = names.flatMap((name) => {
    if (name.includes('=')) return [pairOf(name)]
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries([...fromFiles, ...given]) as Record<string, string>
}

const pairOf = (text: string) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]
