import { Socket } from "node:net"

/**
 * The sockets that are open to a server, each counted until the server itself has closed it.
 *
 * pg-pool forgets a connection when it says goodbye to it, but its slot on the server is free only when the
 * backend has ended: with temporary tables to drop that takes a while, and a pool that opens the next connection
 * meanwhile holds one more than its limit.
 */
export class OpenSockets {
  #count = 0
  readonly #listeners = new Set<() => void>()

  get count(): number {
    return this.#count
  }

  /** A socket for node-postgres to connect, counted from now until it is closed. */
  open(): Socket {
    const socket = new Socket()
    this.#count += 1
    socket.once("close", () => {
      this.#count -= 1
      for (const listener of this.#listeners) listener()
    })
    return socket
  }

  /** Calls `listener` whenever a socket has closed. Returns what stops it. */
  onClose(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
