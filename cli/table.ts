/** A column of a table; ids stand to the right, as in Prefect's tables. */
export interface Column {
  title: string
  right?: boolean
}

/** A table as Prefect's command line draws it, with its title in the middle and a note below. */
export function tableText(title: string, columns: readonly Column[], rows: readonly string[][], note?: string): string {
  const widths = columns.map((column, at) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[at] ?? ''))),
  )
  const lineOf = (cells: readonly string[], bar: string, alignRight: boolean) => {
    const padded = widths.map((width, at) => {
      const cell = cells[at] ?? ''
      const blank = ' '.repeat(width - widthOf(cell))
      return columns[at]?.right && alignRight ? blank + cell : cell + blank
    })
    return `${bar} ${padded.join(` ${bar} `)} ${bar}`
  }
  const ruleOf = ([left = '', middle = '', right = '']: string, stroke: string) =>
    left + widths.map((width) => stroke.repeat(width + 2)).join(middle) + right
  const heads = columns.map((column) => column.title)
  const drawn = [
    ruleOf('┏┳┓', '━'),
    lineOf(heads, '┃', true),
    ruleOf('┡╇┩', '━'),
    ...rows.map((row) => lineOf(row, '│', true)),
    ruleOf('└┴┘', '─'),
  ]
  const whole = widths.reduce((sum, width) => sum + width + 3, 1)
  const centred = (text: string) => ' '.repeat(Math.max(0, Math.floor((whole - widthOf(text)) / 2))) + text
  return [centred(title), ...drawn, ...(note === undefined ? [] : [centred(note)])].join('\n')
}

/** How many cells a text takes; what people type is mostly one cell a character. */
function widthOf(text: string): number {
  return Array.from(text).length
}
