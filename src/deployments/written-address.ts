/**
 * Returns the URL of the server that a value leads to, if it is an address of another notation: keywords, as libpq and
 * .NET write them (`host=db dbname=shop`, `Host=db;Database=shop`), or a host with PostgreSQL's own port (`db:5432/shop`).
 */
export function urlOfAddress(value: string): string | undefined {
  const bare = BARE.exec(value.trim())?.[1]
  if (bare !== undefined) return `postgresql://${bare}`
  const [, host] = HOST.exec(value) ?? []
  if (host === undefined || !DATABASE.test(value)) return undefined
  const [, port] = PORT.exec(value) ?? []
  return `postgresql://${host}${port === undefined ? "" : `:${port}`}`
}

/** True for an address that only something that connects has: a script may wait for a bare one. */
export const hasKeywords = (value: string): boolean => !BARE.test(value.trim())

const BARE = /^([\w.-]+:5432)(?:[/?]\S*)?$/

/** Not the instance of SQL Server that has its port behind a comma. */
const HOST = /(?:^|[;\s])(?:host|server|hostaddr|data source)\s*=\s*["']?([\w.-]+)(?=["']?(?:[;\s]|$))/i
const PORT = /(?:^|[;\s])port\s*=\s*["']?(\d{1,5})/i
const DATABASE = /(?:^|[;\s])(?:dbname|database|initial catalog)\s*=/i
