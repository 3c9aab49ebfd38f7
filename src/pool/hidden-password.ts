import pg from "pg"

/** The parts of node-postgres's client that its types leave out. */
interface Internals {
  readonly connectionParameters: object
}

/** A node-postgres client whose password `util.inspect` does not find, not even with `showHidden`. */
export class ClientWithHiddenPassword extends pg.Client {
  static {
    // On the prototype, which `util.inspect` does not ask.
    // biome-ignore lint/complexity/noThisInStatic: the bundler renames a class that names itself here
    Object.defineProperty(this.prototype, "password", {
      get(this: ClientWithHiddenPassword) {
        return #password in this ? this.#password : undefined
      },
      set(this: ClientWithHiddenPassword, password: unknown) {
        this.#password = password
      },
    })
  }

  #password: unknown

  constructor(config: pg.ClientConfig) {
    super(config)
    // node-postgres keeps it in two places.
    this.#password = this.password
    Reflect.deleteProperty(this, "password")
    // It writes a function's answer there, and never reads it.
    Object.defineProperty((this as unknown as Internals).connectionParameters, "password", {
      get: () => undefined,
      set: () => {},
    })
  }

  /** Each connection authenticates once. */
  protected forgetPassword(): void {
    this.#password = undefined
  }
}
