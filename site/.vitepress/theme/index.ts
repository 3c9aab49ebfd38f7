import type { Theme } from "vitepress"
import theme from "vitepress/theme"
import { makeHashReadable } from "./readable-hash.ts"
import "./style.css"

export default {
  extends: theme,
  enhanceApp() {
    if (!import.meta.env.SSR) makeHashReadable()
  },
} satisfies Theme
