import fc from 'fast-check'

/** Searches for values that break a property; returns a report of the shrunk one, with its seed, or undefined. */
export function counterexample<T>(property: fc.IProperty<T>, numRuns = 300): string | undefined {
  return report(fc.check(property, { numRuns }))
}

/** The same for an asynchronous property. */
export async function counterexampleOf<T>(property: fc.IAsyncProperty<T>, numRuns = 30): Promise<string | undefined> {
  return report(await fc.check(property, { numRuns }))
}

function report<T>(details: fc.RunDetails<T>): string | undefined {
  const { errorInstance } = details
  const cause = errorInstance instanceof Error ? `\n${errorInstance.message}` : ''
  return details.failed ? `${fc.defaultReportMessage(details)}${cause}` : undefined
}
