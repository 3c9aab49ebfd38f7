import { expect, test } from "vitest"
import { type Unavailability, unavailabilityOf } from "../../src/pool/unavailability.ts"

const refusal = (message: string) => ({ code: "08P01", severity: "FATAL", message })
const cached = (reason: string) =>
  `server login has been failing, cached error: ${reason} (server_login_retry)`

test.each<[message: string, is: Unavailability | undefined]>([
  ["no more connections allowed (max_client_conn)", "full"],
  [cached('too many connections for role "app"'), "full"],
  ["pooler is shutting down", "starting"],
  ["server login has been failing, try again later (server_login_retry)", "unreachable"],
  [cached("connect failed"), "unreachable"],
  // The next login would fail as this one did.
  ['database "core" is disabled', undefined],
  [cached('password authentication failed for user "app"'), undefined],
  [cached('database "core" does not exist'), undefined],
  ["SASL authentication failed", undefined],
])("PgBouncer's %s is %s to a pool that has had connections", (message, is) => {
  expect(unavailabilityOf(refusal(message))).toBe(is)
})
