import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** What the server said to each request of its client, a message each. */
export type Session = readonly (readonly Buffer[])[]

/** A message of the server. https://www.postgresql.org/docs/current/protocol-message-formats.html */
export function message(type: string, body: Buffer | string = ""): Buffer {
  const bytes = Buffer.from(body)
  const header = Buffer.alloc(5)
  header.write(type, "latin1")
  header.writeInt32BE(bytes.length + 4, 1)
  return Buffer.concat([header, bytes])
}

/** The codes of a CancelRequest and of an SSLRequest, where a login has the protocol's version. */
const CANCEL = 80_877_102
export const TLS_REQUEST = 80_877_103

/** Reads the messages of a client, and tells each time that it waits for an answer. */
function onRequest(socket: Socket, answer: () => void, cancel = () => {}): void {
  let bytes = Buffer.alloc(0)
  let isStarted = false
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    for (;;) {
      // The first one has no type.
      const header = isStarted ? 1 : 0
      if (bytes.length < header + 4) return
      const length = header + bytes.readUInt32BE(header)
      if (bytes.length < length) return
      if (!isStarted && bytes.readUInt32BE(4) === CANCEL) return cancel()
      if (!isStarted && bytes.readUInt32BE(4) === TLS_REQUEST) {
        bytes = bytes.subarray(length)
        socket.write("N")
        continue
      }
      const type = isStarted ? String.fromCharCode(bytes[0] as number) : "startup"
      isStarted = true
      bytes = bytes.subarray(length)
      if (["startup", "p", "Q", "S"].includes(type)) answer()
    }
  })
}

interface Listener {
  readonly port: number
  close(): Promise<void>
}

async function listen(onConnection: (socket: Socket) => void, host = "127.0.0.1"): Promise<Listener> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {})
    onConnection(socket)
  })
  server.listen(0, host)
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

/** Records what a server answers to one connection that goes through a proxy. */
export async function recordSession(
  to: number,
  during: (port: number) => Promise<unknown>,
): Promise<Session> {
  const answers: Buffer[][] = []
  const proxy = await listen((client) => {
    const upstream = connect(to, "127.0.0.1").on("error", () => {})
    onRequest(client, () => answers.push([]))
    client.pipe(upstream).pipe(client)
    upstream.on("data", (data: Buffer) => answers.at(-1)?.push(data))
  })
  await during(proxy.port)
  await proxy.close()
  return answers.map((answer) => messagesOf(Buffer.concat(answer)))
}

function messagesOf(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + bytes.readUInt32BE(at + 1)
    messages.push(bytes.subarray(at, end))
    at = end
  }
  return messages
}

/** A server that is only a voice: it says what it was told to, whatever it is asked. */
export interface Replay extends Listener {
  /** How many sessions have begun. */
  readonly sessions: number
  /** The most that there were at one time. */
  readonly peak: number
}

/** Each answer in the pieces that it is sent in; null hangs up. What follows the last one is never answered. */
export type Answers = readonly (readonly (Buffer | null)[])[]

/** Says to each session what `answersOf` has for it, by its number. */
export async function replaySessions(
  answersOf: (session: number) => Answers,
  host?: string,
): Promise<Replay> {
  let sessions = 0
  let open = 0
  let peak = 0
  const listener = await listen((socket) => {
    let answers: Answers = []
    let next = 0
    let last = Promise.resolve()
    function begin(): void {
      answers = answersOf(sessions++)
      open += 1
      peak = Math.max(peak, open)
      socket.on("close", () => {
        open -= 1
      })
    }
    async function send(piece: Buffer | null): Promise<void> {
      if (piece === null) socket.destroy()
      else if (!socket.destroyed) socket.write(piece)
      await new Promise(setImmediate)
    }
    function answer(): void {
      if (next === 0) begin()
      for (const piece of answers[next++] ?? []) last = last.then(() => send(piece))
    }
    onRequest(socket, answer, () => socket.destroy())
  }, host)
  return {
    ...listener,
    get sessions() {
      return sessions
    },
    get peak() {
      return peak
    },
  }
}
