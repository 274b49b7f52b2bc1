import type { CommandEntry } from './command.ts'

/** Nouns that several commands share. */
export const NOUNS: Readonly<Record<string, string>> = {
  agent: 'take work from queues and run it on this host; see and steer the agents of all hosts',
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
    words: 'agent start',
    summary: 'take work from queues and run it on this host',
    load: () => import('./commands/agent/start.ts'),
  },
  {
    words: 'agent ls',
    summary: 'list agents',
    load: () => import('./commands/agent/ls.ts'),
  },
  {
    words: 'agent inspect',
    summary: 'show an agent in all detail',
    load: () => import('./commands/agent/inspect.ts'),
  },
  {
    words: 'agent pause',
    summary: 'hand nothing more to an agent, for a time',
    load: () => import('./commands/agent/pause.ts'),
  },
  {
    words: 'agent resume',
    summary: 'end the pause of an agent',
    load: () => import('./commands/agent/resume.ts'),
  },
  {
    words: 'agent drain',
    summary: 'have an agent finish its runs and exit',
    load: () => import('./commands/agent/drain.ts'),
  },
  {
    words: 'agent delete',
    summary: 'forget an agent',
    load: () => import('./commands/agent/delete.ts'),
  },
  {
    words: 'agent health',
    summary: 'ask the agent on this host for its health',
    load: () => import('./commands/agent/health.ts'),
  },
  {
    words: 'agent install',
    summary: 'print a systemd unit for an agent',
    load: () => import('./commands/agent/install.ts'),
  },
  {
    words: 'agent watch-children',
    summary: 'end what an agent started, when it is gone',
    hidden: true,
    load: () => import('./commands/agent/watch-children.ts'),
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
