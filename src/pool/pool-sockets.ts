import type { CountedSocket } from "./server-slots.ts"

/** The sockets of one pool. Its slots may be those of other pools too. */
export class PoolSockets {
  #count = 0
  readonly #loggingIn = new Set<CountedSocket>()

  get count(): number {
    return this.#count
  }

  /** Sockets that have not logged in yet. */
  get loggingIn(): number {
    return this.#loggingIn.size
  }

  /** True while the server has not answered one of them at all. */
  get areConnecting(): boolean {
    return [...this.#loggingIn].some((socket) => socket.connecting)
  }

  add(socket: CountedSocket): CountedSocket {
    this.#loggingIn.add(socket)
    this.#count += 1
    // Before its slot is free, which lets the pool open the next one.
    socket.prependOnceListener("close", () => {
      this.#count -= 1
      this.#loggingIn.delete(socket)
    })
    return socket
  }

  logIn(socket: unknown): void {
    this.#loggingIn.delete(socket as CountedSocket)
  }

  /** Gives up those that have not logged in. */
  destroyLogins(): void {
    for (const socket of this.#loggingIn) socket.destroy()
  }
}
