/** What a connection without a name of its own is called. */
const DEFAULT_BASE = "prisma"

const ID_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
const ID_LENGTH = 6

/** PostgreSQL cuts a name after 63 bytes: `#` and the id are its end, and must survive. */
const LONGEST_BASE_BYTES = 56

/**
 * The id of one pool. It stands in the name of each of its connections, so that the others can count the pools.
 *
 * @param random a number from 0 up to 1, like `Math.random`
 */
export function newMemberId(random: () => number): string {
  return Array.from({ length: ID_LENGTH }, () =>
    ID_CHARACTERS.charAt(Math.floor(random() * ID_CHARACTERS.length)),
  ).join("")
}

/**
 * The `application_name` of a pool's connections: `api@1.4.2` becomes `api@1.4.2#k3f9ab`.
 *
 * PostgreSQL replaces what is not visible ASCII, and differently from version 16 on. It is replaced here, so that every
 * member of a service bears the same name on every server, and a byte is a character.
 *
 * @param base the name that was set; unset or empty stands for `prisma`
 */
export function memberName(base: string | undefined, id: string): string {
  const visible = (base || DEFAULT_BASE).replace(/[^ -~]/gu, "?")
  return `${visible.slice(0, LONGEST_BASE_BYTES)}#${id}`
}

/** The service that a name belongs to: the text before the first `@` or `#`. */
export const serviceOf = (name: string): string => name.replace(/[@#].*$/su, "")

/** The id at the end of a name; undefined for a session that belongs to no pool of this kind. */
export const memberIdOf = (name: string): string | undefined => /#([0-9a-z]{6})$/.exec(name)?.[1]
