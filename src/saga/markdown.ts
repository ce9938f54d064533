import { wellFormed } from './core/plain-text';

/** The server keeps 200 bytes of a summary with its quotes, and fails the workflow task at more. */
const MAX_SUMMARY_BYTES = 198;
/** The server's limit is 20,000 bytes. */
const MAX_DETAILS_BYTES = 19_000;

/**
 * What people wrote must not become markup in the Web UI, which renders CommonMark with tables and bare links: a name with
 * a pipe or an address stays a name. On one line, without what is invisible or turns the text around. Idempotent, since
 * a rescue shows again what a history shows.
 */
export function inert(text: string): string {
  return wellFormed(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/\\[!-/:-@[-`{-~]|[\\`*_{}[\]()#+!|<>~&]/g, (found) =>
      found.length === 2 ? found : `\\${found}`,
    )
    .replace(/(?<=\bwww)(?=\.)|(?<=:)(?=\/\/)|(?<=[\w.+-])(?=@)/gi, WORD_JOINER);
}

/** Invisible; where it stands no bare link begins. */
const WORD_JOINER = '\u2060';

/** Code within a line: nothing in it is markup. */
export function inlineCode(text: string): string {
  return `\`${wellFormed(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replaceAll('`', "'")}\``;
}

/** One line for the Web UI, as long as the server takes. */
export function summaryLine(text: string): string {
  return withinBytes(inert(text), MAX_SUMMARY_BYTES);
}

/** Markdown that a definition wrote for the Web UI, as long as the server takes. */
export function detailsText(markdown: string): string {
  return withinBytes(wellFormed(markdown), MAX_DETAILS_BYTES);
}

/** Counted as the JSON that is sent. */
function withinBytes(text: string, max: number): string {
  if (text.length * 6 <= max) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += bytesOf(character);
    if (bytes > max) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

function bytesOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return JSON.stringify(character).length - 2;
  return code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
}
