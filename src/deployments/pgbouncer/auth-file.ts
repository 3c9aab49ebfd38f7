/** A line of `auth_file`: `"user" "password"`, with `""` for a quote. */
const LINE = /^\s*"((?:[^"]|"")*)"\s*"(?:[^"]|"")*"/

/** Returns the users of an `auth_file`; undefined if it is not one, so that PgBouncer has read a part of it. */
export function usersIn(text: string): ReadonlySet<string> | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.trimStart().startsWith(";"))
  const users = lines.map((line) => LINE.exec(line)?.[1])
  const read = users.flatMap((user) => (user === undefined ? [] : [user.replaceAll('""', '"')]))
  return read.length === users.length ? new Set(read) : undefined
}
