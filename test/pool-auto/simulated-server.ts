import type { Look } from "../../src/pool/auto/look.ts"

/** A backend of the simulated server. */
export interface Backend {
  /** The pool that opened it; undefined for a session that belongs to no pool. */
  readonly member: string | undefined
  /** When it ends, for one whose client has gone. */
  endsAt: number | undefined
}

/** PostgreSQL as a pool sees it: one role with a CONNECTION LIMIT, which it enforces, and what it says of its backends. */
export class SimulatedServer {
  readonly #backends = new Set<Backend>()
  #startedAt = 1
  limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  get backends(): ReadonlySet<Backend> {
    return this.#backends
  }

  /** A backend, or undefined for a refusal. */
  connect(member: string | undefined): Backend | undefined {
    if (this.#backends.size >= this.limit) return undefined
    const backend: Backend = { member, endsAt: undefined }
    this.#backends.add(backend)
    return backend
  }

  /** Lets so many sessions be there that belong to no pool, as far as the limit allows. */
  setStrangers(count: number): void {
    const strangers = [...this.#backends].filter(({ member }) => member === undefined)
    for (const stranger of strangers.slice(count)) this.#backends.delete(stranger)
    for (let i = strangers.length; i < count; i += 1) this.connect(undefined)
  }

  has(backend: Backend): boolean {
    return this.#backends.has(backend)
  }

  /** Ends the backends whose time has come. */
  tick(now: number): void {
    for (const backend of this.#backends) {
      if (backend.endsAt !== undefined && backend.endsAt <= now) this.#backends.delete(backend)
    }
  }

  restart(): void {
    this.#backends.clear()
    this.#startedAt += 1
  }

  /** What {@link Look} a pool gets, or somebody who belongs to none. */
  look(member?: string): Look {
    const members = [...this.#backends].flatMap((each) => each.member ?? [])
    const others = new Set(members)
    if (member !== undefined) others.delete(member)
    const { size } = this.#backends
    return {
      pid: 1,
      isSuperuser: false,
      roleLimit: this.limit,
      databaseLimit: -1,
      maxConnections: 1_000,
      superuserReserved: 3,
      reservedConnections: 0,
      providerReserved: 0,
      connections: size,
      ofRole: size,
      ofRoleInDatabase: size,
      ofService: members.length,
      ofMembers: members.length,
      ofOthersInDatabase: 0,
      members: others.size + (member === undefined ? 0 : 1),
      server: { startedAt: this.#startedAt, address: null, isReplica: false },
    }
  }
}
