/**
 * Returns a host for a database whose real one is in no document. It says which database it is, and no other has it.
 *
 * @param parts its name, then the names of what it is in; empty ones are left out
 */
export const madeHost = (...parts: readonly string[]): string =>
  parts
    .filter((part) => part !== "")
    .map((part) => part.replaceAll(/[^a-z0-9-]/gu, (sign) => `-x${sign.codePointAt(0)?.toString(16)}-`))
    .join(".")
