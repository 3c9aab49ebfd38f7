/** Stands for `node:util` in the browser, where the report has no colours. */
export const stripVTControlCharacters = (text: string): string => text

export const styleText = (_style: unknown, text: string): string => text
