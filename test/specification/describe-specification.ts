import { afterAll, beforeAll, describe, test } from "vitest"
import { play } from "./play.ts"
import { forTarget, specifications, type Target } from "./specification.ts"
import type { Subject } from "./subject.ts"

/** Every case that makes sense on a target, one test each. Those of one guarantee are played at once. */
export function describeSpecification(
  target: Target,
  start: () => Subject | Promise<Subject>,
  title: string = target,
): void {
  describe(`what is specified, on ${title}`, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await start()
      await subject.ask("ready", null)
    })
    afterAll(async () => {
      // An unhandled error would have ended it.
      await subject?.ask("ready", null)
      await subject?.end()
    })

    for (const { guarantee, cases } of specifications) {
      describe(guarantee, () => {
        for (const specified of cases) {
          if (forTarget(specified.except, target) !== undefined) continue
          test.concurrent(specified.description, () => play(specified, subject, target))
        }
      })
    }
  })
}
