/** A word quoted for any POSIX shell (zx's own quoting writes bash-only `$'…'`). */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** A command line for a POSIX shell from its words, each quoted. */
export const argv = (...words: readonly string[]): string => words.map(quote).join(" ");
