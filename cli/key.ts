/** Creates, lists and revokes API keys, run as `npm run -s key -- …`; `--help` says how. */
import { keyLines, keyNote } from './key/key-lines.ts'
import type { KeyRing } from './key/key-ring.ts'
import { keysBehindApi } from './key/keys-behind-api.ts'
import { keysInFolder } from './key/keys-in-folder.ts'
import { keysOnAws } from './key/keys-in-table.ts'
import { type Act, type Options, type Place, parseOptions, USAGE } from './key/options.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2

const options = optionsOrExit()
if (options.help) process.stdout.write(USAGE)
else process.exitCode = await run(options)

function optionsOrExit(): Options {
  try {
    return parseOptions(process.argv.slice(2), process.env)
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`)
    process.exit(EXIT_USAGE)
  }
}

async function run({ act, place, json }: Exclude<Options, { help: true }>): Promise<number> {
  let keys: KeyRing | undefined
  try {
    keys = await openKeys(place)
    await perform(keys, act, json)
    return 0
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`)
    return EXIT_FAILED
  } finally {
    await keys?.close()
  }
}

function openKeys(place: Place): Promise<KeyRing> | KeyRing {
  switch (place.kind) {
    case 'api':
      return keysBehindApi(place)
    case 'table':
      return keysOnAws(place)
    case 'folder':
      return keysInFolder(place)
  }
}

/** What a script wants goes to standard output, and what a person wants beside it to the other. */
async function perform(keys: KeyRing, act: Act, json: boolean): Promise<void> {
  const print = (text: string) => process.stdout.write(`${text}\n`)
  switch (act.kind) {
    case 'create': {
      const made = await keys.create(act.wish)
      print(json ? JSON.stringify(made, null, 2) : made.key)
      process.stderr.write(`${keyNote(made)}\n`)
      break
    }
    case 'list': {
      const listed = await keys.list()
      print(json ? JSON.stringify(listed, null, 2) : keyLines(listed).join('\n'))
      break
    }
    case 'revoke':
      await keys.revoke(act.keyId)
      process.stderr.write(`Key ${act.keyId} is revoked.\n`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
