import { createHash } from "node:crypto"

const hashOf = (script: string): string => `'sha256-${createHash("sha256").update(script).digest("base64")}'`

/**
 * A built page with a policy that lets it load its own folder's files and nothing else, send nothing, and run only
 * the inline scripts that it was built with. `frame-ancestors` is left out: a meta tag cannot say it. A worker has the
 * policy of its own file's response, and so none: what it must not send, its code must not send.
 */
export function withContentSecurityPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>(.*?)<\/script>/gs)]
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${[...new Set(scripts.map(([, script = ""]) => hashOf(script)))].join(" ")}`,
    "style-src-elem 'self'",
    // The colours of code are in attributes.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")
  // Only what comes after the tag is under the policy.
  return html.replace(
    '<meta charset="utf-8">',
    `$&\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
  )
}
