import { MINUTES_PER_DAY } from "./time.ts"

/** The changes of runs and connections during a day, starting from zero, by ascending minute. */
export interface DayDeltas {
  readonly minutes: readonly number[]
  readonly runs: readonly number[]
  readonly connections: readonly number[]
  readonly most: Most
}

/** The largest number of runs and of connections in a day. Their minutes may differ. */
export interface Most {
  readonly runs: number
  readonly connections: number
}

export const NO_DELTAS: DayDeltas = {
  minutes: [],
  runs: [],
  connections: [],
  most: { runs: 0, connections: 0 },
}

/** Adds up the deltas of one day. */
export class DayAccumulator {
  readonly #runs = new Float64Array(MINUTES_PER_DAY)
  readonly #connections = new Float64Array(MINUTES_PER_DAY)

  clear(): void {
    this.#runs.fill(0)
    this.#connections.fill(0)
  }

  add(minute: number, runs: number, connections: number): void {
    this.#runs[minute] = (this.#runs[minute] ?? 0) + runs
    this.#connections[minute] = (this.#connections[minute] ?? 0) + connections
  }

  addAll({ minutes, runs, connections }: DayDeltas): void {
    for (let index = 0; index < minutes.length; index++) {
      this.add(minutes[index] ?? 0, runs[index] ?? 0, connections[index] ?? 0)
    }
  }

  /** Returns the nonzero deltas: starts and ends at the same minute cancel out. */
  deltas(): DayDeltas {
    const kept: number[] = []
    for (let minute = 0; minute < MINUTES_PER_DAY; minute++) {
      if (this.#runs[minute] !== 0 || this.#connections[minute] !== 0) kept.push(minute)
    }
    return {
      minutes: kept,
      runs: kept.map((minute) => this.#runs[minute] ?? 0),
      connections: kept.map((minute) => this.#connections[minute] ?? 0),
      most: this.most(),
    }
  }

  /** Returns the largest sums, and the first minute with the largest number of connections. */
  most(): Most & { readonly minute: number } {
    const most = { runs: 0, connections: 0, minute: 0 }
    let [runs, connections] = [0, 0]
    for (let minute = 0; minute < MINUTES_PER_DAY; minute++) {
      runs += this.#runs[minute] ?? 0
      connections += this.#connections[minute] ?? 0
      if (runs > most.runs) most.runs = runs
      if (connections > most.connections) {
        most.connections = connections
        most.minute = minute
      }
    }
    return most
  }
}
