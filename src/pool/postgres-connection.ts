import type { Socket } from "node:net"
import pg from "pg"
import { BackendMessages, ProtocolError } from "./backend-messages.ts"
import { throwLater } from "./throw-later.ts"

/** The configuration of a connection: node-postgres's own, and what it lacks. */
export interface PostgresConnectionConfig extends pg.ConnectionConfig {
  /** Allows plain text if the server has no TLS. */
  readonly tlsIsOptional?: boolean
  /** Requires a login that is tied to the TLS connection: libpq's `channel_binding=require`. */
  readonly channelBindingIsRequired?: boolean
}

/** The server's answer to the TLS request: it has no TLS. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL */
const NO_TLS = "N".charCodeAt(0)

/** The only authentication method that is tied to the TLS connection. */
const BOUND = "SCRAM-SHA-256-PLUS"

/** The parts of node-postgres's connection that its types leave out. */
interface Internals {
  stream: Socket
  ssl: unknown
  connect(port: number | string, host?: string): void
  attachListeners(stream: Socket): void
  requestSsl(): void
  password(password: string): void
  cancel(processId: number, secretKey: number): void
}

/** Fields of an error or a notice that may repeat a password. The others are codes and names. */
const FREE_TEXT_FIELDS = ["message", "detail", "hint", "where", "stack"] as const

const Base = pg.Connection as unknown as new (config: object) => pg.Connection & Internals

/**
 * node-postgres's connection, with the parts of `sslmode=prefer` and `channel_binding=require` that it lacks. It survives
 * a server that sends anything, and removes the password from the server's messages.
 */
export class PostgresConnection extends Base {
  readonly #tlsIsOptional: boolean
  /** The password as sent: in clear text, if the server asks for that. */
  #sent = ""
  /** The progress of a login that must be tied to the TLS connection. */
  #login: "none" | "begun" | "bound" = "none"

  constructor(config: PostgresConnectionConfig) {
    const { stream, ssl = false, sslnegotiation, keepAlive, keepAliveInitialDelayMillis } = config
    super({ stream, ssl, sslNegotiation: sslnegotiation, keepAlive, keepAliveInitialDelayMillis })
    this.#tlsIsOptional = config.tlsIsOptional ?? false
    // Before node-postgres, which adds its listeners when it connects.
    for (const event of ["errorMessage", "notice"]) this.on(event, (message: object) => this.#redact(message))
    if (config.channelBindingIsRequired) this.#requireChannelBinding()
  }

  override connect(port: number | string, host?: string): void {
    super.connect(port, host)
    if (!this.ssl || !this.#tlsIsOptional) return
    const { stream } = this
    const [onAnswer] = stream.listeners("data") as ((answer: Buffer) => void)[]
    if (onAnswer === undefined) return
    stream.off("data", onAnswer).once("data", (answer: Buffer) => {
      if (answer.length !== 1 || answer[0] !== NO_TLS) return onAnswer(answer)
      this.attachListeners(stream)
      // node-postgres continues with the login on this event.
      this.emit("sslconnect")
    })
  }

  override password(password: string): void {
    this.#sent = password
    super.password(password)
  }

  /** Removes the password from a message: a server may repeat it, and its errors end up in logs. */
  #redact(message: object): void {
    if (this.#sent === "") return
    const fields = message as Record<string, unknown>
    for (const name of FREE_TEXT_FIELDS) {
      const text = fields[name]
      if (typeof text !== "string") continue
      fields[name] = text.replaceAll(this.#sent, "***").replaceAll(encodeURIComponent(this.#sent), "***")
    }
  }

  /** Makes a malformed message fail the connection rather than the process. */
  override attachListeners(stream: Socket): void {
    super.attachListeners(stream)
    const parse = stream.listeners("data").at(-1) as (messages: Buffer) => void
    const messages = new BackendMessages()
    const take = (chunk: Buffer) => {
      try {
        messages.take(chunk, parse)
      } catch (error) {
        // Nothing more is read, but the end is still seen.
        stream.off("data", take).resume()
        this.emit("error", error instanceof ProtocolError ? error : messages.error((error as Error).message))
      }
    }
    stream.off("data", parse).on("data", take)
  }

  /**
   * Rethrows a listener's error on the next tick: the parser, which calls it, would be left with half a message. Every event of
   * node-postgres has at most one argument: to gather them would cost an array for each row.
   */
  override emit(event: string, message?: unknown): boolean {
    try {
      return super.emit(event, message)
    } catch (error) {
      throwLater(error)
      return true
    }
  }

  /**
   * Lets no message of the server through before one bound login is complete, as in libpq. This refuses both a server
   * that asks for a password otherwise, and one that asks for none.
   */
  #requireChannelBinding(): void {
    const emit = this.emit.bind(this)
    this.emit = (event: string, message?: unknown) => {
      if (this.#login === "bound") return emit(event, message)
      const { mechanisms = [] } = (message ?? {}) as { mechanisms?: string[] }
      const begins = event === "authenticationSASL" && this.#login === "none" && mechanisms.includes(BOUND)
      if (begins) this.#login = "begun"
      else if (/^(authentication(?!SASL(Continue|Final))|readyForQuery)/.test(event)) {
        return emit("error", new ChannelBindingError())
      }
      // node-postgres verifies the server's final message in this call, and emits an error if it is wrong.
      const hadListeners = emit(event, message)
      if (event === "error") this.#login = "none"
      if (event === "authenticationSASLFinal" && this.#login === "begun") this.#login = "bound"
      return hadListeners
    }
  }
}

class ChannelBindingError extends Error {
  override readonly name = "ChannelBindingError"
  constructor() {
    super(
      "The server does not offer the channel binding that channel_binding=require asks for: connect with TLS, to the server itself rather than to a pooler, with a SCRAM password; or write channel_binding=prefer",
    )
  }
}
