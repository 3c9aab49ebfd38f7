/** What the harness sets for whoever this process is at the time; `BENCH_` is the harness's own. */
export type Environment = Readonly<Record<string, string>>

let names: readonly string[] = []

/** Sets the environment of another role, and nothing that the last one had. */
export function enter(environment: Environment): void {
  for (const name of names) Reflect.deleteProperty(process.env, name)
  names = Object.keys(environment)
  Object.assign(process.env, environment)
}
