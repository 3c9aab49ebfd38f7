/** A `pgbouncer.ini` as PgBouncer reads it: by section, the values of `[pgbouncer]` and the parameters of the others' entries. */
export interface ReadIni {
  readonly pgbouncer: ReadonlyMap<string, string>
  readonly databases: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly users: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Every line that is a comment, without its mark. */
  readonly comments: readonly string[]
}

/** Only a whole line is a comment; a name has no quotes; a section is in brackets. */
export function readIni(text: string): ReadIni {
  const ini = {
    pgbouncer: new Map<string, string>(),
    databases: new Map<string, ReadonlyMap<string, string>>(),
    users: new Map<string, ReadonlyMap<string, string>>(),
    comments: [] as string[],
  }
  let section = ""
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "") continue
    if (/^[;#]/.test(line)) {
      ini.comments.push(line.slice(1))
      continue
    }
    const [, opened] = /^\[(\w+)\]$/.exec(line) ?? []
    if (opened !== undefined) {
      section = opened
      continue
    }
    const [, name, value] = /^([\w.*-]+)\s*=\s*(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error(`not a line of an ini: ${line}`)
    if (section === "pgbouncer") setOnce(ini.pgbouncer, name, value)
    else if (section === "databases" || section === "users") setOnce(ini[section], name, parametersOf(value))
    else throw new Error(`no section [${section}]`)
  }
  return ini
}

/** The lines that are marked as those of another file. */
export const markedLines = (text: string, mark: ";sql" | ";env"): string =>
  text
    .split("\n")
    .flatMap((line) => (line.startsWith(`${mark} `) ? [line.slice(mark.length + 1)] : []))
    .join("\n")

function parametersOf(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const [, name = "", value = ""] of text.matchAll(/(\w+)=(\S+)/g)) setOnce(parameters, name, value)
  return parameters
}

function setOnce<Value>(values: Map<string, Value>, name: string, value: Value): void {
  if (values.has(name)) throw new Error(`${name} is there twice`)
  values.set(name, value)
}
