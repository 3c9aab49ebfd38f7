// The ways in which an instance of a growing fleet can size its pool. This folder runs as it is installed: see ../fleet-project.ts.
import pg from "pg"
import { createPool } from "prisma-pool-config"
import { userverPool } from "./userver.ts"

/** A pool that runs statements, each on a connection of its own for a while. */
export interface SizedPool {
  hold(millis: number): Promise<unknown>
  end(): Promise<unknown>
}

const HOLD = "SELECT pg_sleep($1)"

function plain(pool: pg.Pool): SizedPool {
  // A backend that ends while its connection is idle must not end the process.
  pool.on("error", () => {})
  return { hold: (millis) => pool.query(HOLD, [millis / 1000]), end: () => pool.end() }
}

/** `name` tells the instance from the others on the server; `size` is that of a fixed pool. */
const POOLS = {
  auto: (url, name) => plain(createPool(withQuery(url, { application_name: name }), { poolSize: "auto" })),
  fixed: (url, name, size) =>
    plain(createPool(withQuery(url, { application_name: name, connection_limit: String(size) }))),
  byHand: (url, name) => plain(new pg.Pool({ connectionString: url, application_name: name, max: 10 })),
  userver: (url, name) => userverPool(url, name, HOLD),
} satisfies Record<string, (url: string, name: string, size: number) => SizedPool>

export type AutoWay = keyof typeof POOLS

export const newPool = (way: AutoWay, url: string, name: string, size: number): SizedPool =>
  POOLS[way](url, name, size)

function withQuery(url: string, parameters: Readonly<Record<string, string>>): string {
  const all = new URL(url)
  for (const [name, value] of Object.entries(parameters)) all.searchParams.set(name, value)
  return all.href
}
