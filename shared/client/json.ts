/** How the client reads and writes JSON; all of it goes through here. */
export const parseJson = (text: string): unknown => JSON.parse(text)

/** A value as the text of a request body. */
export const formatJson = (value: unknown): string => JSON.stringify(value)
