import { quote } from "../../core/shell.ts";

/** A command line split into words as a POSIX shell would, without expanding anything; null where a quote is not closed. */
export const splitWords = (line: string): readonly string[] | null => {
  const words: string[] = [];
  let word: string | null = null;
  let rest = line;
  while (rest !== "") {
    const taken = nextPart(rest);
    if (taken === null) return null;
    rest = rest.slice(taken.length);
    if (taken.text !== null) word = (word ?? "") + taken.text;
    else if (word !== null) {
      words.push(word);
      word = null;
    }
  }
  return word === null ? words : [...words, word];
};

/** `text` is null for white space between words. */
interface Part {
  readonly text: string | null;
  readonly length: number;
}

const nextPart = (line: string): Part | null => {
  const space = /^[ \t\r\n]+/.exec(line);
  if (space !== null) return { text: null, length: space[0].length };
  if (line.startsWith("\\")) return line.length === 1 ? null : { text: line.charAt(1), length: 2 };
  if (line.startsWith("'")) {
    const end = line.indexOf("'", 1);
    return end === -1 ? null : { text: line.slice(1, end), length: end + 1 };
  }
  if (line.startsWith('"')) return doubleQuoted(line);
  const plain = /^[^ \t\r\n\\'"]+/.exec(line)?.[0] ?? "";
  return { text: plain, length: plain.length };
};

/** Between double quotes a backslash means something only before a quote and a backslash. */
const doubleQuoted = (line: string): Part | null => {
  const match = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(line);
  if (match === null) return null;
  return { text: (match[1] ?? "").replace(/\\(["\\])/g, "$1"), length: match[0].length };
};

/** True where a word holds a variable or a home directory that the node has to fill in. */
export const needsNode = (word: string): boolean => /^~|\$(?:\w+|\{\w+\})/.test(word);

/** A word for a shell in which the node's variables and home directories are filled in, and nothing else; an unknown variable stays as it is. */
export const expandable = (word: string): string => {
  const home = /^~([A-Za-z0-9_.-]*)(?=\/|$)/.exec(word)?.[0] ?? "";
  const parts = word
    .slice(home.length)
    .split(/(\$\w+|\$\{\w+\})/)
    .filter((part) => part !== "");
  const expanded = parts.map((part) => {
    const name = /^\$\{?([A-Za-z_]\w*)\}?$/.exec(part)?.[1];
    return name === undefined ? quote(part) : `"\${${name}-\\${part}}"`;
  });
  return `${home}${expanded.join("")}` || "''";
};

/** A path whose wildcards the node's shell resolves, everything else being literal. */
export const globWord = (path: string): string =>
  path
    .split(/([*?]|\[[^\]/]*\])/)
    .map((part, index) => (index % 2 === 1 ? part : part === "" ? "" : expandable(part)))
    .join("");
