/** A line that is longer is cut in several. */
const LINE_BYTES_MAX = 256 * 1024
/** Lines that are shipped at once. */
const LINES_MAX = 1_000
const NEWLINE = 0x0a

/** Cuts the first bytes into lines; what is left after the last one counts as a line when it is too long, or the very end. */
export function splitLines(buffer: Buffer, final: boolean): { lines: string[]; bytes: number } {
  const lines: string[] = []
  let start = 0
  while (start < buffer.length && lines.length < LINES_MAX) {
    const newline = buffer.indexOf(NEWLINE, start)
    const end = newline === -1 ? buffer.length : newline
    if (end - start > LINE_BYTES_MAX) {
      const cut = characterStart(buffer, start + LINE_BYTES_MAX)
      lines.push(buffer.toString('utf8', start, cut))
      start = cut
    } else if (newline !== -1 || final) {
      const carriageReturn = end > start && buffer[end - 1] === 0x0d ? 1 : 0
      lines.push(buffer.toString('utf8', start, end - carriageReturn))
      start = end + (newline === -1 ? 0 : 1)
    } else break
  }
  return { lines, bytes: start }
}

/** The start of the UTF-8 character that holds a byte, so that none is cut in two. */
function characterStart(buffer: Buffer, at: number): number {
  let start = at
  while (start > at - 4 && ((buffer[start] ?? 0) & 0xc0) === 0x80) start -= 1
  return start
}
