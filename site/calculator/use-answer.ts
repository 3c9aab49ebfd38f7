import { computed, onMounted, onUnmounted, type Ref, ref, shallowRef, watch } from "vue"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { type Drafted, declarationOf } from "./declaration.ts"
import type { Draft } from "./draft.ts"
import type { Answer } from "./evaluate.ts"
import { Latest } from "./latest.ts"
import { fragmentOf } from "./link.ts"
import type { LoadDraft } from "./load.ts"

const NO_ISSUES: Drafted["issues"] = []

/** So long nothing is typed before the address changes, and before a screen reader says the verdict. */
const PAUSE_MS = 800

/** The answers of a worker to what is in the form. */
export function useAnswer(draft: Ref<Draft>, load: Ref<LoadDraft>) {
  const answer = shallowRef<Answer>()
  /** What a declaration cannot say. */
  const drafted = computed<Drafted>(() => declarationOf(draft.value))
  // The same object where there are none, so that a key stroke draws nothing but its own row.
  const draftIssues = computed(() => (drafted.value.issues.length === 0 ? NO_ISSUES : drafted.value.issues))
  // Read once, and not once more to find out what has changed.
  const asked = computed(() => JSON.stringify({ declaration: drafted.value.declaration, load: load.value }))
  /** What a screen reader says. */
  const announced = ref("")
  let pause: ReturnType<typeof setTimeout> | undefined

  const latest = new Latest<Answer>(startWorker, (given, question) => {
    answer.value = given
    clearTimeout(pause)
    pause = setTimeout(() => settle(given, question), PAUSE_MS)
  })

  function settle(given: Answer, question: string): void {
    if (latest.isBusy) return
    const { fleet } = given
    const hasIssues = "issues" in fleet || drafted.value.issues.length > 0
    announced.value =
      "issues" in fleet
        ? `Not complete: ${fleet.issues.map(({ name }) => name).join(", ")}`
        : fleet.evaluation.summary
    // An address that nobody could open would be of no use.
    if (hasIssues) return
    const { declaration } = JSON.parse(question) as { readonly declaration: FleetConfig }
    const fragment = fragmentOf(declaration, load.value)
    const { pathname, search } = location
    history.replaceState(
      history.state,
      "",
      `${pathname}${search}${fragment === undefined ? "" : `#${fragment}`}`,
    )
  }

  onMounted(() => {
    watch(asked, (question) => latest.ask(question), { immediate: true })
  })
  onUnmounted(() => {
    clearTimeout(pause)
    latest.stop()
  })
  return { answer, draftIssues, announced }
}

function startWorker(onAnswer: (answer: Answer) => void) {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })
  worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => onAnswer(data))
  return { ask: (question: string) => worker.postMessage(question), stop: () => worker.terminate() }
}
