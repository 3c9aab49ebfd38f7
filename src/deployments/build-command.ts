/** Prisma's commands that connect, in the command of a build. */
const MIGRATES = /\bprisma\b.*\b(migrate|db)\b|\b(migrate|db)[:-]\w+|\bmigrate\b/

/** True if the command of a build connects to the database. */
export const migrates = (command: string | undefined): boolean => MIGRATES.test(command ?? "")
