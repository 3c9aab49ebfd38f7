import type { Look } from "../../src/pool/auto/look.ts"

/** A look that finds one pool on a server of 100 with nobody else, but for what is given. */
export const lookWith = (changes: Partial<Look> = {}): Look => ({
  pid: 1,
  isSuperuser: false,
  roleLimit: -1,
  databaseLimit: -1,
  maxConnections: 100,
  superuserReserved: 3,
  reservedConnections: 0,
  providerReserved: 0,
  connections: 1,
  ofRole: 1,
  ofRoleInDatabase: 1,
  ofService: 1,
  ofMembers: 1,
  ofOthersInDatabase: 0,
  members: 1,
  server: { startedAt: 1, address: "10.0.0.1", isReplica: false },
  ...changes,
})
