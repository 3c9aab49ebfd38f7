import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import { message as framed } from "./wire-session.ts"

/** What a server answers that only says that it is PostgreSQL. */
export interface Behaviour {
  /** To the password, which it asks for in clear text. */
  readonly onPassword?: (password: string) => Iterable<Buffer>
  readonly onQuery?: (sql: string) => Iterable<Buffer>
}

/** A message of these parts, of which texts have an end. */
export const message = (type: string, ...parts: readonly (string | Buffer)[]): Buffer =>
  framed(
    type,
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part))),
  )

const int32 = (value: number) => Buffer.from(new Int32Array([value]).buffer).swap32()
const int16 = (value: number) => Buffer.from(new Int16Array([value]).buffer).swap16()

const READY = message("Z", Buffer.from("I"))

export const LOGGED_IN = [message("R", int32(0)), message("K", int32(42), int32(7)), READY]

/** Describes columns of text. */
const describedBy = (columns: readonly string[]) =>
  message(
    "T",
    int16(columns.length),
    ...columns.flatMap((name) => [name, int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]),
  )

const DESCRIPTION = describedBy(["report"])

export function rowOf(text: string): Buffer {
  const value = Buffer.from(text)
  return message("D", int16(1), int32(value.length), value)
}

/** One row with one text. */
export const answerOf = (text: string) => [DESCRIPTION, rowOf(text), message("C", "SELECT 1"), READY]

/** Rows of a console, each value as a text. The first row has every column. */
export function tableOf(rows: readonly Readonly<Record<string, unknown>>[]): Buffer[] {
  const columns = Object.keys(rows[0] ?? {})
  const cellOf = (value: unknown) => {
    if (value === undefined || value === null) return [int32(-1)]
    const bytes = Buffer.from(String(value))
    return [int32(bytes.length), bytes]
  }
  return [
    describedBy(columns),
    ...rows.map((row) =>
      message("D", int16(columns.length), ...columns.flatMap((column) => cellOf(row[column]))),
    ),
    message("C", "SHOW"),
    READY,
  ]
}

export function* endlessRows(text: string): Generator<Buffer> {
  yield DESCRIPTION
  const row = rowOf(text)
  for (;;) yield row
}

export const errorOf = (code: string, text: string, type = "E") =>
  message(type, "SFATAL", `C${code}`, `M${text}`, `D${text}`, Buffer.from([0]))

/** Starts one for this test, and gives the URL that leads to it with a password. */
export async function startHostileServer(behaviour: Behaviour): Promise<(password: string) => string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    void serve(socket, behaviour)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return (password) => `postgresql://app:${encodeURIComponent(password)}@127.0.0.1:${port}/core`
}

const SSL_REQUEST = 80_877_103

async function serve(socket: Socket, { onPassword, onQuery }: Behaviour): Promise<void> {
  let received: Buffer = Buffer.alloc(0)
  let begun = false
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer])
      for (;;) {
        const start = begun ? 1 : 0
        if (received.length < start + 4) break
        const end = start + received.readInt32BE(start)
        if (received.length < end) break
        const [type, body] = [
          begun ? String.fromCharCode(received[0] as number) : "",
          received.subarray(start + 4, end),
        ]
        received = received.subarray(end)
        if (!begun && body.readInt32BE(0) === SSL_REQUEST) socket.write("N")
        else if (!begun) {
          begun = true
          await send(socket, onPassword === undefined ? LOGGED_IN : [message("R", int32(3))])
        } else if (type === "p") await send(socket, onPassword?.(body.subarray(0, -1).toString()) ?? [])
        else if (type === "Q") await send(socket, onQuery?.(body.subarray(0, -1).toString()) ?? [])
      }
    }
  } catch {
    // The client has gone.
  }
}

/** As fast as they are taken. */
async function send(socket: Socket, messages: Iterable<Buffer>): Promise<void> {
  for (const each of messages) {
    if (socket.destroyed) return
    if (!socket.write(each)) await Promise.race([once(socket, "drain"), once(socket, "close")])
  }
}
