import "./offline.ts"
import "./jitless.ts"
import { type CheckAnswer, type CheckRequest, checkDocuments } from "./check-documents.ts"

/** A request, with the number that its answer has. */
export type NumberedRequest = CheckRequest & { readonly id: number }
export type NumberedAnswer = CheckAnswer & { readonly id: number }

addEventListener("message", async ({ data }: MessageEvent<NumberedRequest>) => {
  const answer: NumberedAnswer = { id: data.id, ...(await checkDocuments(data)) }
  postMessage(answer)
})
