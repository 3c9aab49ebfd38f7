import type { Io } from "../io.ts"
import { page, textFormat } from "./formats.ts"
import { textOf } from "./inspect-answer.ts"
import type { RenderPage } from "./live-screen.ts"
import type { Sample } from "./sample.ts"

/**
 * Renders the checks of a watch for a screen, one after another. While the server does not answer, its last answer
 * stays below the reason.
 */
export function watchPage(io: Io): (at: string, sample: Sample | Error) => RenderPage {
  const format = textFormat(io.hasColors)
  let last: { readonly at: string; readonly page: RenderPage } | undefined
  return (at, sample) => {
    if (!(sample instanceof Error)) {
      const answer: RenderPage = (size) => textOf(sample, { ...io, columns: size.columns })
      last = { at, page: answer }
      return (size) => `${at}\n${answer(size)}`
    }
    const failure = page(format, [`${at}\n${format.verdict(sample.message, "unsure")}`], [])
    const before = last
    if (before === undefined) return () => failure
    return (size) => `${failure}\n${format.heading(`The last answer, of ${before.at}`)}\n${before.page(size)}`
  }
}
