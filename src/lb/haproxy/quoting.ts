/** A text as one word of haproxy.cfg: a backslash before whatever would end or change it. */
export const escapeWord = (word: string): string => word.replace(/[\\"'# $]/g, "\\$&");

/** The same for a text in which `\r` and `\n` already stand for the ends of lines. */
export const escapeBlanks = (text: string): string => text.replace(/["'# $]/g, "\\$&");
