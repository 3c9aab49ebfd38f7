import { label } from "../error.ts"

/** Renders the name of an application, a role or a client, which may be hidden or empty. */
export const nameOf = (name: string | null): string =>
  name === null ? "(hidden)" : name === "" ? "(no name)" : label(name)
