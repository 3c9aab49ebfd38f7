import { label } from "../../error.ts"
import type { Undeclared } from "../../monitor/inspect/attribution.ts"
import type { Session } from "../../monitor/inspect/database-report.ts"
import { nameOf } from "../../monitor/name-of.ts"

/** Renders a session: `pid 6612 (api@1.4.2, user app)`. */
export const sessionName = ({ pid, application, user }: Session): string =>
  `pid ${pid} (${nameOf(application)}${user === null ? "" : `, user ${label(user)}`})`

/** Names undeclared connections; those without an application name by their role. */
export const undeclaredName = ({ name, role }: Undeclared): string =>
  role === undefined || role === null ? nameOf(name) : `${nameOf(name)}, role ${label(role)}`
