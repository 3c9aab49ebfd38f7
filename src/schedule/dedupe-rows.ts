/** Above every value of a column, and small enough for the pair of a row's number and a value to stay an integer. */
const SPAN = 65_536

/**
 * Numbers the rows so that two rows have one number exactly when they agree in every column; in the order of
 * their first appearance. A column gives each row a whole number below 65,536.
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

/** The first row of each number that {@link dedupeRows} gave. */
export function representatives(ids: Int32Array): readonly number[] {
  const rows: number[] = []
  for (let row = 0; row < ids.length; row++) {
    if (ids[row] === rows.length) rows.push(row)
  }
  return rows
}
