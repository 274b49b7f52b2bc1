/** Settings of the agent, some of which hold its key or say where it is. A run gets those that are meant for it by name. */
const OWN = /^(?:PUSHPOOL_|PREFECT_API_KEY$|PREFECT_API_AUTH_STRING$)/

/**
 * What a run's process has of the agent's environment: all of it, as users of Prefect's agents and workers count on, such
 * as the virtual environment that the agent was started in (prefect/runner and workers/process pass on `os.environ`), but
 * for the agent's own settings.
 */
export function inheritedEnvironment(own: Record<string, string | undefined>): Record<string, string> {
  const given = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(given.filter(([name]) => !OWN.test(name)))
}
