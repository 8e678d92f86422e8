/**
 * The words of a command line as a POSIX shell would split it, quotes and backslashes taken off, nothing expanded;
 * null where a quote is not closed.
 */
export const shellWords = (line: string): readonly string[] | null => {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  while (at < line.length) {
    const char = line.charAt(at);
    if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
      continue;
    }
    const piece = pieceAt(line, at);
    if (piece === null) return null;
    word = (word ?? "") + piece.text;
    at = piece.end;
  }
  return word === null ? words : [...words, word];
};

/** A quoted stretch, an escaped character or a plain one. */
const pieceAt = (line: string, at: number): { text: string; end: number } | null => {
  const char = line.charAt(at);
  if (char === "\\") return at + 1 < line.length ? { text: line.charAt(at + 1), end: at + 2 } : null;
  if (char === "'") {
    const end = line.indexOf("'", at + 1);
    return end === -1 ? null : { text: line.slice(at + 1, end), end: end + 1 };
  }
  if (char !== '"') return { text: char, end: at + 1 };
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(line.slice(at));
  if (quoted === null) return null;
  const inner = (quoted[1] ?? "").replace(/\\(["\\$`])/g, "$1").replace(/\\\n/g, "");
  return { text: inner, end: at + quoted[0].length };
};
