import { closeNetwork } from "../close-network.ts"
import { type CheckAnswer, type CheckRequest, checkDocuments } from "./check-documents.ts"

/** A request, with the number that its answer has. */
export type NumberedRequest = CheckRequest & { readonly id: number }
export type NumberedAnswer = CheckAnswer & { readonly id: number }

closeNetwork()

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
