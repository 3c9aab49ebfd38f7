/** What answers questions somewhere else, one after the other: a worker. */
export interface Answerer {
  readonly ask: (question: string) => void
  readonly stop: () => void
}

/**
 * Asks for the newest question only. While one is being answered, the newest of the others waits, and those between are
 * forgotten. An answerer that takes longer than `patience` is given up when there is something newer to ask.
 */
export class Latest<Answer> {
  readonly #start: (onAnswer: (answer: Answer) => void) => Answerer
  readonly #onAnswer: (answer: Answer, question: string) => void
  readonly #patience: number
  readonly #now: () => number
  #answerer: Answerer | undefined
  #asked: { readonly question: string; readonly at: number } | undefined
  #waiting: string | undefined

  constructor(
    start: (onAnswer: (answer: Answer) => void) => Answerer,
    onAnswer: (answer: Answer, question: string) => void,
    patience = 3_000,
    now: () => number = Date.now,
  ) {
    this.#start = start
    this.#onAnswer = onAnswer
    this.#patience = patience
    this.#now = now
  }

  /** True while there is a question without an answer. */
  get isBusy(): boolean {
    return this.#asked !== undefined
  }

  ask(question: string): void {
    if (this.#asked !== undefined && this.#now() - this.#asked.at > this.#patience) this.stop()
    if (this.#asked === undefined) this.#send(question)
    else this.#waiting = question
  }

  /** Gives up what was asked. */
  stop(): void {
    this.#answerer?.stop()
    this.#answerer = undefined
    this.#asked = undefined
    this.#waiting = undefined
  }

  #send(question: string): void {
    if (this.#answerer === undefined) {
      const answerer = this.#start((answer) => {
        // One that was given up may have answered just before.
        if (this.#answerer === answerer) this.#answered(answer)
      })
      this.#answerer = answerer
    }
    this.#asked = { question, at: this.#now() }
    this.#answerer.ask(question)
  }

  #answered(answer: Answer): void {
    const { question } = this.#asked ?? { question: "" }
    const next = this.#waiting
    this.#asked = undefined
    this.#waiting = undefined
    if (next !== undefined) this.#send(next)
    this.#onAnswer(answer, question)
  }
}
