import { shown } from "../error.ts"

/** What was passed in the wrong place. A text may be a URL with a password in it, and is not shown. */
export const received = (value: unknown) => `received ${typeof value === "string" ? "a text" : shown(value)}`
