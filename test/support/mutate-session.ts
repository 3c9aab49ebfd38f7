import type { Random } from "./random.ts"
import { message, type Session } from "./wire-session.ts"

/** What is sent: an answer to each request, a message each; null hangs up. */
export type MutatedSession = (Buffer | null)[][]

/** What a length may claim. */
const LENGTHS = [0, 1, 3, 4, 5, 8, 12, 255, 29_999, 65_536, 0x3fffffff, 0x7fffffff, 0x80000000, 0xffffffff]
const COUNTS = [-1, -32_768, 0, 1, 2, 3, 255, 32_767]
const TYPES = "123ACDEGHIKNRSTVWZcdnstv~\0"
const AUTHENTICATIONS = [0, 2, 3, 5, 7, 10, 11, 12, 99]

type Change = (sent: Buffer, random: Random) => (Buffer | null)[]

const copy = (sent: Buffer, change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(sent)
  change(bytes)
  return [bytes]
}
const noise = (random: Random, most: number) =>
  Buffer.from(
    Array.from({ length: random.between(0, most) }, () => random.of([0, 0, random.between(0, 255)])),
  )
const typeOf = (sent: Buffer) => sent.toString("latin1", 0, 1)

const CHANGES: readonly Change[] = [
  // A byte, or a bit of one.
  (sent, random) =>
    copy(sent, (bytes) => {
      bytes[random.between(0, bytes.length - 1)] = random.of([0, 1, 255, random.between(0, 255)])
    }),
  (sent, random) =>
    copy(sent, (bytes) => {
      const at = random.between(0, bytes.length - 1)
      bytes[at] = (bytes[at] as number) ^ (1 << random.between(0, 7))
    }),
  // A length that is not its own.
  (sent, random) => copy(sent, (bytes) => bytes.writeUInt32BE(random.of(LENGTHS), 1)),
  (sent, random) =>
    copy(sent, (bytes) => {
      bytes.writeUInt32BE(Math.max(0, bytes.readUInt32BE(1) + random.between(-6, 6)), 1)
    }),
  // A count, or the length of a first value, that its message has no room for.
  (sent, random) =>
    copy(sent, (bytes) => {
      if (bytes.length >= 7) bytes.writeInt16BE(random.of(COUNTS), 5)
    }),
  (sent, random) =>
    copy(sent, (bytes) => {
      if (bytes.length >= 11) bytes.writeUInt32BE(random.of(LENGTHS), 7)
    }),
  // Another end, with a length that is right.
  (sent, random) => [message(typeOf(sent), sent.subarray(5, random.between(5, sent.length)))],
  (sent, random) => [message(typeOf(sent), Buffer.concat([sent.subarray(5), noise(random, 20)]))],
  // Another type, or another message altogether.
  (sent, random) => [message(random.of([...TYPES]), sent.subarray(5))],
  (sent, random) => [sent, message(random.of([...TYPES]), noise(random, 40))],
  (sent, random) => {
    const kind = Buffer.alloc(4)
    kind.writeInt32BE(random.of(AUTHENTICATIONS))
    return [message("R", Buffer.concat([kind, noise(random, 12)])), sent]
  },
  (sent, random) => [message("E", noise(random, 12)), sent],
  (sent, random) => [noise(random, 40), sent],
  // More, less, or nothing more.
  (sent) => [sent, sent],
  () => [],
  (sent, random) => [sent.subarray(0, random.between(0, sent.length)), null],
]

/** The session with a few changes: as often in an answer of one message as in one of twenty. */
export function mutateSession(session: Session, random: Random): MutatedSession {
  const mutated: MutatedSession = session.map((answer) => [...answer])
  for (let changes = random.between(1, 3); changes > 0; changes -= 1) {
    const answer = random.of(mutated)
    const at = random.between(0, answer.length - 1)
    const sent = answer[at]
    if (sent && sent.length >= 5) answer.splice(at, 1, ...random.of(CHANGES)(sent, random))
  }
  return mutated.map((answer) => inPieces(answer, random))
}

/** The same bytes, as a network may deliver them. */
function inPieces(answer: readonly (Buffer | null)[], random: Random): (Buffer | null)[] {
  const bytes = Buffer.concat(answer.filter((sent) => sent !== null))
  const ending = answer.includes(null) ? [null] : []
  if (random.between(0, 3) > 0) return [bytes, ...ending]
  const cut = random.between(0, bytes.length)
  return [bytes.subarray(0, cut), bytes.subarray(cut), ...ending]
}
