import type { PgClientLike } from "../../src/monitor/index.ts"

type Rows = readonly Readonly<Record<string, unknown>>[]

/** What a console answers, by its commands. */
export type Answers = Readonly<Record<string, Rows>>

/** A console that says what no PgBouncer on this machine can be brought to say. Its commands are in `asked`. */
export function consoleOf(answers: Answers): PgClientLike & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async query(text) {
      asked.push(text)
      const rows = answers[text]
      if (rows !== undefined) return { rows }
      throw Object.assign(new Error(`invalid command '${text}', use SHOW HELP;`), {
        code: "08P01",
        severity: "ERROR",
      })
    },
  }
}

const pairs = (name: string, value: string, entries: Readonly<Record<string, unknown>>): Rows =>
  Object.entries(entries).map(([key, each]) => ({ [name]: key, [value]: each }))

export const configOf = (entries: Readonly<Record<string, string>> = {}): Rows =>
  pairs("key", "value", {
    max_client_conn: "100",
    max_user_connections: "0",
    query_wait_timeout: "120",
    so_reuseport: "0",
    ...entries,
  })

export const listsOf = (entries: Readonly<Record<string, number>> = {}): Rows =>
  pairs("list", "items", { used_clients: 1, login_clients: 0, ...entries })

const OWN_POOL = { database: "pgbouncer", user: "pgbouncer", cl_active: 1, cl_waiting: 0 }

/** As 1.16 has them: neither 1.18's columns of cancel requests, nor names of applications. */
export const OLD: Answers = {
  "SHOW VERSION": [{ version: "PgBouncer 1.16.1" }],
  "SHOW CONFIG": configOf(),
  "SHOW LISTS": listsOf({ used_clients: 8, login_clients: 1 }),
  "SHOW CLIENTS": [
    { type: "C", user: "root", database: "pgbouncer", state: "active", link: "", wait: 0, wait_us: 0 },
    { type: "C", user: "app", database: "core", state: "active", link: "0x1", wait: 7, wait_us: 0 },
    { type: "C", user: "app", database: "core", state: "active", link: "", wait: 0, wait_us: 0 },
    { type: "C", user: "app", database: "core", state: "waiting", link: "", wait: 3, wait_us: 250_000 },
  ],
  "SHOW POOLS": [
    {
      ...OWN_POOL,
      sv_active: 0,
      sv_idle: 0,
      sv_used: 0,
      sv_tested: 0,
      sv_login: 0,
      maxwait: 0,
      maxwait_us: 0,
    },
    {
      ...{ database: "core", user: "app", cl_active: 2, cl_waiting: 1, cl_cancel_req: 4, sv_active: 1 },
      ...{ sv_idle: 2, sv_used: 3, sv_tested: 1, sv_login: 1, maxwait: 3, maxwait_us: 250_000 },
      pool_mode: "transaction",
    },
  ],
  "SHOW DATABASES": [
    { name: "pgbouncer", pool_size: 2, reserve_pool: 0, max_connections: 0, paused: 0, disabled: 0 },
    { name: "core", pool_size: 10, reserve_pool: 2, max_connections: 0, paused: 1, disabled: 0 },
  ],
  "SHOW USERS": [
    { name: "app", pool_mode: null },
    { name: "pgbouncer", pool_mode: null },
  ],
}

/** As 1.25 has them: renamed and new columns, in another order, numbers of users as padded text. */
export const NEW: Answers = {
  "SHOW VERSION": [{ version: "PgBouncer 1.25.2" }],
  "SHOW CONFIG": configOf({ max_client_conn: "400", so_reuseport: "1", max_user_connections: "9" }),
  "SHOW LISTS": listsOf({ used_clients: 320, peers: 0, peer_pools: 0 }),
  "SHOW STATE": [
    { key: "active", value: "no" },
    { key: "paused", value: "yes" },
    { key: "suspended", value: "no" },
  ],
  "SHOW CLIENTS": [
    { replication: "none", user: "root", database: "pgbouncer", state: "active", link: "0x9" },
    { state: "idle", user: "app", database: "core", link: "", application_name: "api@2#k3f9ab" },
    { state: "active", user: "app", database: "core", link: "0x1", application_name: "api@2#000zzz" },
    { state: "waiting", wait: "1", wait_us: "5", user: "etl", database: "core", application_name: "" },
    { state: "waiting_cancel_req", user: "app", database: "core", application_name: "" },
  ].map((row) => ({ wait: 0, wait_us: 0, ...row })),
  "SHOW POOLS": [
    {
      ...{ database: "core", user: "app", cl_active: 2, cl_waiting: 0, cl_active_cancel_req: 1 },
      ...{ cl_waiting_cancel_req: 1, sv_active: 6, sv_active_cancel: 5, sv_being_canceled: 1, sv_idle: 0 },
      ...{ sv_used: 0, sv_tested: 0, sv_login: 0, maxwait: 0, maxwait_us: 0, load_balance_hosts: null },
      pool_mode: "transaction",
    },
    {
      ...{
        database: "core",
        user: "etl",
        cl_active: 0,
        cl_waiting: 1,
        cl_active_cancel_req: 0,
        sv_active: 2,
      },
      ...{ sv_idle: 0, sv_used: 0, sv_tested: 0, sv_login: 0, maxwait: 1, maxwait_us: 5 },
      pool_mode: "session",
    },
  ],
  "SHOW DATABASES": [
    {
      ...{ name: "core", pool_size: 20, reserve_pool_size: 5, max_connections: 12, current_connections: 9 },
      ...{ max_client_connections: 0, current_client_connections: 3, paused: 0, disabled: 1 },
    },
  ],
  "SHOW USERS": [
    {
      ...{ name: "app", pool_size: "        8", reserve_pool_size: "        0", pool_mode: null },
      ...{ max_user_connections: 9, current_connections: 7 },
      ...{ max_user_client_connections: 4, current_client_connections: 2 },
    },
    {
      ...{ name: "etl", pool_size: "", reserve_pool_size: "", pool_mode: "session", max_user_connections: 0 },
      ...{ current_connections: 2, max_user_client_connections: 0, current_client_connections: 1 },
    },
  ],
}
