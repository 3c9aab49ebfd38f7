import { Socket } from "node:net"
// Not the global: a test runner takes those of a file away when the file is over, and the slots outlive it.
import { performance } from "node:perf_hooks"
import { type LostBackend, LostConnection } from "./lost-backend.ts"

/** The time a connection may take to close before it is destroyed. A frozen network never answers. */
export const CLOSE_TIMEOUT_MS = 5_000

/** The time that each address of a host with several may take, if connecting has no limit. */
const ADDRESS_TIMEOUT_MS = 10_000

const GIVEN_UP = "givenUp"
const EXPIRED = "expired"

/** A socket to a server, with what is known about the backend behind it. */
export class CountedSocket extends Socket {
  /** The time that connecting may take; 0 sets no limit. */
  readonly connectMillis: number
  readonly #addressMillis: number
  /** False for a probe, which does not keep the process alive. */
  readonly isWaitedFor: boolean
  /** The backend's process id, known after the login. Until then no slot outlives the socket. */
  processID: number | undefined
  readonly openedAt = performance.now()
  loggedInAt = 0
  /** True if the server said that the backend ends, or closed the connection itself. */
  isEnded = false

  /** @param connectMillis the time that connecting may take; 0 sets no limit */
  constructor(connectMillis = 0, isWaitedFor = true) {
    super()
    this.connectMillis = connectMillis
    this.isWaitedFor = isWaitedFor
    // Half for the first address, so that as much is left for another. Node's own 250 ms are too short for many networks.
    this.#addressMillis = Math.ceil(connectMillis / 2) || ADDRESS_TIMEOUT_MS
  }

  /** Ties the slot to a backend; undefined if the server does not name it. */
  logIn(processID: number | undefined): void {
    this.processID = processID
    this.loggedInAt = performance.now()
  }

  /** Counts the backend as lost while the socket is still open. It is closed when the backend is known to be gone. */
  giveUp(): void {
    if (this.processID !== undefined && !this.isEnded) this.emit(GIVEN_UP)
  }

  /** The same for a backend that has had its time to end, and is overdue at once. */
  expire(): void {
    this.giveUp()
    this.emit(EXPIRED)
  }

  /** Takes node-postgres's arguments: a port and a host, or the path of a Unix socket. */
  override connect(...parameters: unknown[]): this {
    const [port, host] = parameters
    if (typeof port !== "number" || typeof host !== "string") super.connect(...(parameters as [string]))
    else super.connect({ port, host, autoSelectFamilyAttemptTimeout: this.#addressMillis })
    return this.isWaitedFor ? this : this.unref()
  }
}

/**
 * The socket as one that is counted; undefined for any other. Told by what it has: copies of this module share their slots, and
 * each has a class of its own.
 */
export function countedSocket(socket: Socket): CountedSocket | undefined {
  return "isWaitedFor" in socket ? (socket as CountedSocket) : undefined
}

/** A pool that takes slots. */
export interface SlotHolder {
  /** A slot may be free, or another pool have a connection that it does not need. */
  slotsChanged(): void
  /**
   * Closes an idle connection for a caller of another pool; `closed` is called when it is closed. False where there is none,
   * or a caller of its own waits for it.
   */
  yieldIdle(closed: () => void): boolean
}

/**
 * The slots of a server that a pool takes. Each belongs to its connection until the server has ended the backend.
 *
 * pg-pool forgets a connection when it asks the server to close it, but the slot is free only when the backend has ended.
 * That takes a while if temporary tables must be dropped. A pool that opens the next connection meanwhile holds one more
 * than its limit.
 *
 * If the network was cut, the backend may not even notice. Its slot counts as taken until it is known to be gone, or for
 * 5 s: there may be no other connection to find out with. Then it is overdue: the pool opens one connection beside it, which
 * ends it.
 *
 * Pools of several copies of node-postgres cannot lend each other connections, but they share their slots: a pool that
 * finds none free asks the others to close connections that they do not need.
 */
export class ServerSlots {
  #sockets = 0
  readonly #lost = new Set<LostBackend>()
  readonly #listeners = new Set<() => void>()
  readonly #holders = new Set<SlotHolder>()
  /** Connections that are being closed for another pool. */
  #yielding = 0

  /** Slots that are taken. Those of overdue backends may be, and are counted apart. */
  get count(): number {
    return this.#sockets + this.#lost.size - this.overdue
  }

  get overdue(): number {
    let count = 0
    for (const { isOverdue } of this.#lost) if (isOverdue) count += 1
    return count
  }

  get lost(): ReadonlySet<LostBackend> {
    return this.#lost
  }

  /**
   * A socket for node-postgres, counted from now until its slot is free. Connecting may take `connectMillis`. The process
   * stays alive for it only if it is waited for.
   */
  open(connectMillis = 0, isWaitedFor = true): CountedSocket {
    const socket = new CountedSocket(connectMillis, isWaitedFor)
    let lost: LostConnection | undefined
    const lose = () => {
      this.#sockets -= 1
      const { processID, isEnded } = socket
      if (processID === undefined || isEnded) this.#changed()
      else lost = this.#lose(processID, socket)
    }
    this.#sockets += 1
    socket.once(GIVEN_UP, lose).once(EXPIRED, () => lost?.expire())
    socket.once("close", () => {
      socket.off(GIVEN_UP, lose)
      if (lost === undefined) lose()
      // The server was only slow.
      else if (socket.isEnded) lost.free()
    })
    return socket
  }

  /** Calls `listener` each time a slot becomes free. Returns a function that stops this. */
  onFree(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Counts a pool among those that are told and asked, while it has connections or callers. */
  join(holder: SlotHolder): void {
    this.#holders.add(holder)
  }

  leave(holder: SlotHolder): void {
    this.#holders.delete(holder)
  }

  /** Asks the other pools for slots: each is free when its connection is closed. */
  ask(asker: SlotHolder, count: number): void {
    for (const holder of this.#holders) {
      if (holder === asker) continue
      while (this.#yielding < count && this.#yields(holder)) {}
    }
  }

  /** Tells the other pools that this one may have a connection that it does not need. */
  tellOthers(teller: SlotHolder): void {
    for (const holder of this.#holders) if (holder !== teller) holder.slotsChanged()
  }

  #yields(holder: SlotHolder): boolean {
    const yields = holder.yieldIdle(() => {
      this.#yielding -= 1
    })
    if (yields) this.#yielding += 1
    return yields
  }

  #lose(processID: number, socket: CountedSocket): LostConnection {
    const lost = new LostConnection(socket, processID, {
      overdue: () => this.#changed(),
      free: () => {
        if (this.#lost.delete(lost)) this.#changed()
      },
    })
    this.#lost.add(lost)
    return lost
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
    for (const holder of this.#holders) holder.slotsChanged()
  }
}
