import { computed, onMounted, onUnmounted, reactive, ref, shallowRef, watch } from "vue"
import { freeName } from "../free-name.ts"
import type { CheckAnswer } from "./check-documents.ts"
import type { CheckedDocument, CheckOptions, DocumentFormat } from "./documents.ts"
import type { NumberedAnswer, NumberedRequest } from "./worker.ts"

type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] }

/** The state of the page: the documents, the options, and the answer to them, which follows every change. */
export function useChecker() {
  const documents = shallowRef<readonly CheckedDocument[]>([])
  const options = reactive<Writable<CheckOptions>>({
    maxConnections: "",
    onlyWarnInDeploy: false,
    isStrict: false,
    flags: "",
  })
  const answer = shallowRef<CheckAnswer>({ formats: {}, command: "" })
  const asked = ref(0)
  const answered = ref(0)
  let worker: Worker | undefined

  onMounted(() => {
    worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })
    worker.addEventListener("message", ({ data }: MessageEvent<NumberedAnswer>) => {
      // A later request is on its way, and its answer with it.
      if (data.id !== asked.value) return
      answered.value = data.id
      answer.value = data
    })
    worker.addEventListener("error", () => {
      answered.value = asked.value
      answer.value = { formats: {}, command: "", problem: "The check could not run in this browser." }
    })
    if (asked.value > 0) ask()
  })
  onUnmounted(() => worker?.terminate())
  watch([documents, options], ask)

  function ask(): void {
    asked.value++
    const request: NumberedRequest = { id: asked.value, documents: documents.value, options: { ...options } }
    worker?.postMessage(request)
  }

  /** Adds files, each under a name that no other has. */
  function add(files: Iterable<File>): void {
    for (const file of files) {
      const name = freeName(file.name, documents.value)
      documents.value = [...documents.value, { name, content: file, format: undefined }]
    }
  }

  function choose(name: string, format: DocumentFormat): void {
    documents.value = documents.value.map((each) => (each.name === name ? { ...each, format } : each))
  }

  function remove(name: string): void {
    documents.value = documents.value.filter((each) => each.name !== name)
  }

  const isChecking = computed(() => answered.value !== asked.value)
  return { documents, options, answer, isChecking, add, choose, remove }
}
