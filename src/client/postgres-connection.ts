import type { Socket } from "node:net"
import pg from "pg"

/** What a connection needs to know beyond node-postgres's own configuration. */
export interface PostgresConnectionConfig extends pg.ConnectionConfig {
  /** Plain text will do where the server has no TLS. */
  readonly tlsIsOptional?: boolean
  /** Only a login that is tied to the TLS connection will do: libpq's `channel_binding=require`. */
  readonly channelBindingIsRequired?: boolean
}

/** The server's answer to the question for TLS: it has none. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL */
const NO_TLS = "N".charCodeAt(0)

/** Every way to log in, of which one alone is tied to the TLS connection. */
const LOGIN = /^authentication(Ok|CleartextPassword|MD5Password|SASL)$/

const BOUND = "SCRAM-SHA-256-PLUS"

/** The parts of node-postgres's connection that its types leave out. */
interface Internals {
  stream: Socket
  ssl: unknown
  connect(port: number | string, host?: string): void
  attachListeners(stream: Socket): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}

const Base = pg.Connection as unknown as new (config: object) => pg.Connection & Internals

/** node-postgres's connection, with what it lacks of `sslmode=prefer` and of `channel_binding=require`. */
export class PostgresConnection extends Base {
  readonly #tlsIsOptional: boolean
  readonly #channelBindingIsRequired: boolean
  #isBound = false

  constructor(config: PostgresConnectionConfig) {
    const { stream, ssl = false, sslnegotiation, keepAlive, keepAliveInitialDelayMillis } = config
    super({ stream, ssl, sslNegotiation: sslnegotiation, keepAlive, keepAliveInitialDelayMillis })
    this.#tlsIsOptional = config.tlsIsOptional ?? false
    this.#channelBindingIsRequired = config.channelBindingIsRequired ?? false
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
      // node-postgres goes on with the login when this has happened.
      this.emit("sslconnect")
    })
  }

  override emit(event: string, ...args: unknown[]): boolean {
    if (this.#channelBindingIsRequired && LOGIN.test(event)) {
      const { mechanisms = [] } = (args[0] ?? {}) as { mechanisms?: string[] }
      this.#isBound ||= mechanisms.includes(BOUND)
      if (!this.#isBound) return super.emit("error", new ChannelBindingError())
    }
    return super.emit(event, ...args)
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
