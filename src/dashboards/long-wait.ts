/** Half of the default `pool_timeout`: a client of PgBouncer that waits for so long is near a failure. */
export const LONG_WAIT_SECONDS = 10
