import postgres from "@prisma/orm-postgres/runtime"
import { databaseUrl } from "prisma-pool-config/config"
import { createPool } from "prisma-pool-config/pool"
import type { Contract } from "./generated/contract.d.ts"
import contractJson from "./generated/contract.json" with { type: "json" }

/** Every query of this process goes through it. `db.close()` leaves it open: `pool.end()` closes it. */
export const pool = createPool(databaseUrl())

export const db = postgres<Contract>({
  contractJson,
  pg: pool,
  // Its check of the contract takes a second connection inside a transaction, and when it fails once, so does every later query.
  verifyMarker: false,
})
