/** How the client reads and writes JSON; all of it goes through here. */
export const parseJson = (text: string): unknown => JSON.parse(text)
export const formatJson = (value: unknown): string => JSON.stringify(value)
