// A pool whose size follows its server counts slots by the same rules as a report.
export { CLIENT_BACKEND, KEPT_SLOTS, TAKES_SLOT } from "../../pool/auto/slot-sql.ts"
