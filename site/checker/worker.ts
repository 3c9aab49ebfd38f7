import { type CheckAnswer, type CheckRequest, checkDocuments } from "./check-documents.ts"

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

/** Without the error's message, which may contain a part of a document. */
const FAILED: CheckAnswer = {
  formats: {},
  command: "",
  problem: "This is an error of this page: please report it.",
}

addEventListener("message", async ({ data }: MessageEvent<NumberedRequest>) => {
  const answer: NumberedAnswer = { id: data.id, ...(await checkDocuments(data).catch(() => FAILED)) }
  postMessage(answer)
})
