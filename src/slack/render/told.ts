import { escapeInline, escapeText } from './text.ts'

/** Refusals name approvers by ids from the configuration, in Slack's notation, and commands in backticks; everything else in them is escaped. */
export function told(text: string): string {
  return text
    .split(/(<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>|`[^`\n]{1,80}`)/)
    .map((part, index) => (index % 2 === 0 ? inSentence(part) : part.startsWith('`') ? escapeText(part) : part))
    .join('')
}

/** `escapeInline` trims, which would glue a sentence to the mention in it. */
function inSentence(part: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(part) ?? []
  return `${before === '' ? '' : ' '}${escapeInline(inner)}${after === '' ? '' : ' '}`
}
