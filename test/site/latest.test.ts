import { describe, expect, test } from "vitest"
import { Latest } from "../../site/calculator/latest.ts"

/** Answers when it is told to, with the question itself. */
function byHand() {
  const asked: string[] = []
  const answered: string[] = []
  const answer: ((text: string) => void)[] = []
  let [started, stopped, now] = [0, 0, 0]
  const latest = new Latest<string>(
    (onAnswer) => {
      started++
      answer.push(onAnswer)
      return { ask: (question) => asked.push(question), stop: () => stopped++ }
    },
    (text, question) => answered.push(`${question}: ${text}`),
    1_000,
    () => now,
  )
  return {
    latest,
    asked,
    answered,
    counts: () => ({ started, stopped }),
    wait: (millis: number) => {
      now += millis
    },
    answer: (text: string, from = answer.length - 1) => answer[from]?.(text),
  }
}

describe("the latest question", () => {
  test("is asked when the one before is answered, and those between are not", () => {
    const { latest, asked, answered, answer } = byHand()
    for (const question of ["1", "12", "123", "1234"]) latest.ask(question)
    expect(asked).toEqual(["1"])
    answer("one")
    expect([asked, answered, latest.isBusy]).toEqual([["1", "1234"], ["1: one"], true])
    answer("all")
    expect([answered, latest.isBusy]).toEqual([["1: one", "1234: all"], false])
  })

  test("does not wait for one that takes too long", () => {
    const { latest, asked, answered, answer, wait, counts } = byHand()
    latest.ask("slow")
    wait(1_001)
    latest.ask("next")
    expect(counts()).toEqual({ started: 2, stopped: 1 })
    answer("late", 0)
    answer("in time", 1)
    expect([asked, answered]).toEqual([["slow", "next"], ["next: in time"]])
  })

  test("has one answerer for all that are in time", () => {
    const { latest, answer, counts } = byHand()
    for (const question of ["a", "b", "c"]) {
      latest.ask(question)
      answer(question)
    }
    expect(counts()).toEqual({ started: 1, stopped: 0 })
    latest.stop()
    expect(counts()).toEqual({ started: 1, stopped: 1 })
  })
})
