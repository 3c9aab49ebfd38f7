import type { Postgres } from "../support/server.ts"

/** Two rows for each transaction, so that half of one shows. */
export const LEDGER_TABLE = `
  CREATE TABLE ledger (entry int, leg int, PRIMARY KEY (entry, leg));
  ALTER TABLE ledger OWNER TO app`

/** What its caller was told of a transaction. */
type Told = "acknowledged" | { readonly failedWith: string } | "nothing"

/** With these, whoever sent COMMIT cannot know whether it arrived: the connection ended, or the answer was late. */
const AMBIGUOUS = new Set(["P1017", "P1008"])

/** What became of all transactions. */
export interface Account {
  readonly acknowledged: number
  readonly failed: number
  /** Acknowledged, and not there. */
  readonly lost: readonly number[]
  /** One of the two rows is there. */
  readonly half: readonly number[]
  /** Failed for certain, and there. */
  readonly ghosts: readonly string[]
  /** There, though the caller was told that nobody knows. */
  readonly failedButThere: number
}

/** The transactions that were begun, and what their callers were told. */
export class Ledger {
  readonly #told: Told[] = []

  /** A new transaction, by its number. */
  begin(): number {
    return this.#told.push("nothing") - 1
  }

  acknowledge(entry: number): void {
    this.#told[entry] = "acknowledged"
  }

  /** @param code of the error, or what else stopped it */
  fail(entry: number, code: string): void {
    this.#told[entry] = { failedWith: code }
  }

  /** Compares what was told with what is there. */
  async account(postgres: Postgres, database: string): Promise<Account> {
    const sql = "SELECT entry, count(*)::int AS legs FROM ledger GROUP BY entry"
    const rows = await postgres.sql<{ entry: number; legs: number }>(sql, [], database)
    const legs = new Map(rows.map((row) => [row.entry, row.legs]))
    const lost: number[] = []
    const ghosts: string[] = []
    let acknowledged = 0
    let failed = 0
    let failedButThere = 0
    for (const [entry, told] of this.#told.entries()) {
      const isThere = legs.has(entry)
      if (told === "acknowledged") {
        acknowledged += 1
        if (!isThere) lost.push(entry)
      } else {
        failed += 1
        const code = told === "nothing" ? told : told.failedWith
        if (isThere && AMBIGUOUS.has(code)) failedButThere += 1
        else if (isThere) ghosts.push(`${entry}: ${code}`)
      }
    }
    const half = rows.filter((row) => row.legs !== 2).map(({ entry }) => entry)
    return { acknowledged, failed, lost, half, ghosts, failedButThere }
  }
}
