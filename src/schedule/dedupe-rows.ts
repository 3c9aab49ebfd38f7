/** Above every value of a column, and small enough that a row's id combined with a value is a safe integer. */
const SPAN = 65_536

/**
 * Assigns an id to each row, in order of first appearance. Two rows have the same id exactly if they agree in every
 * column. A column gives each row an integer from 0 to 65,535.
 */
export function dedupeRows(rows: number, columns: Iterable<(row: number) => number>): Int32Array {
  const ids = new Int32Array(rows)
  for (const column of columns) {
    const seen = new Map<number, number>()
    for (let row = 0; row < rows; row++) {
      const key = (ids[row] ?? 0) * SPAN + column(row)
      let id = seen.get(key)
      if (id === undefined) {
        id = seen.size
        seen.set(key, id)
      }
      ids[row] = id
    }
  }
  return ids
}

/** Returns the first row of each id from {@link dedupeRows}. */
export function representatives(ids: Int32Array): readonly number[] {
  const rows: number[] = []
  for (let row = 0; row < ids.length; row++) {
    if (ids[row] === rows.length) rows.push(row)
  }
  return rows
}
