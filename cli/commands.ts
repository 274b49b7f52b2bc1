import type { CommandEntry } from './command.ts'

/** Nouns that several commands share. */
export const NOUNS: Readonly<Record<string, string>> = {
  key: 'create, list and revoke API keys',
}

/** Every command. Only what the help lists is here, so that a call loads the one command it names. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    words: 'start',
    summary: 'run the service on this machine',
    load: () => import('./commands/start.ts'),
  },
  {
    words: 'demo',
    summary: 'run a whole push pool once, live, and check the results',
    load: () => import('./commands/demo.ts'),
  },
  {
    words: 'key create',
    summary: 'create an API key and print it once',
    load: () => import('./commands/key/create.ts'),
  },
  {
    words: 'key list',
    summary: 'list API keys, newest first',
    load: () => import('./commands/key/list.ts'),
  },
  {
    words: 'key revoke',
    summary: 'revoke an API key',
    load: () => import('./commands/key/revoke.ts'),
  },
]
