import { config } from "zod/mini"
import type { CheckAnswer, CheckRequest } from "./check-documents.ts"

/** A request, with the number that its answer has. */
export type NumberedRequest = CheckRequest & { readonly id: number }
export type NumberedAnswer = CheckAnswer & { readonly id: number }

/** The ways out of a worker. */
const NETWORK = [
  "fetch",
  "XMLHttpRequest",
  "WebSocket",
  "EventSource",
  "WebTransport",
  "importScripts",
  "Worker",
]

// The policy of a page does not hold in its worker, where that is a file: nothing in it can make a request.
for (const name of NETWORK) Object.defineProperty(globalThis, name, { value: undefined })

// A policy without eval reports that zod tries it, although it does without. Schemas ask when they are made.
config({ jitless: true })

const loaded = import("./check-documents.ts")

addEventListener("message", async ({ data }: MessageEvent<NumberedRequest>) => {
  const { checkDocuments } = await loaded
  const answer: NumberedAnswer = { id: data.id, ...(await checkDocuments(data)) }
  postMessage(answer)
})
