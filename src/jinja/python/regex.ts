import { type Obj, PyError, tuple } from "../objects.ts";
import { SPACE } from "./text.ts";

/** Options of Python's re that filters and tests offer. */
export interface RegexOptions {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
}

/** A Python regular expression as a JavaScript one (global, unicode sets). */
export const compileRegex = (pattern: string, options: RegexOptions): RegExp => {
  const source = pattern.replace(/^\(\?([aiLmsux]+)\)/, "");
  const inline = /^\(\?([aiLmsux]+)\)/.exec(pattern)?.[1] ?? "";
  const state: Translation = {
    source,
    position: 0,
    multiline: options.multiline || inline.includes("m"),
    dotAll: inline.includes("s"),
    verbose: inline.includes("x"),
    ascii: inline.includes("a"),
    groups: 0,
  };
  const translated = translate(state);
  try {
    return new RegExp(translated, `gv${options.ignoreCase || inline.includes("i") ? "i" : ""}`);
  } catch {
    throw new PyError("ValueError", `the regular expression '${pattern}' is not valid`);
  }
};

interface Translation {
  readonly source: string;
  position: number;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly verbose: boolean;
  readonly ascii: boolean;
  groups: number;
}

const START = "(?<![\\s\\S])";
const END = "(?![\\s\\S])";

const wordSet = (state: Translation): string => (state.ascii ? "[a-zA-Z0-9_]" : "[\\p{L}\\p{N}_]");
const digitSet = (state: Translation): string => (state.ascii ? "[0-9]" : "\\p{Nd}");
const spaceSet = (state: Translation): string => (state.ascii ? "[\\t\\n\\r\\f\\v ]" : SPACE);

const translate = (state: Translation): string => {
  let out = "";
  while (state.position < state.source.length) out += piece(state);
  return out;
};

const piece = (state: Translation): string => {
  const character = String.fromCodePoint(state.source.codePointAt(state.position) ?? 0);
  state.position += character.length;
  switch (character) {
    case "\\":
      return escaped(state);
    case "[":
      return characterClass(state);
    case "(":
      return group(state);
    case "^":
      return state.multiline ? "(?<![^\\n])" : START;
    case "$":
      return state.multiline ? `(?=\\n|${END})` : `(?=\\n?${END})`;
    case ".":
      return state.dotAll ? "[\\s\\S]" : "[^\\n]";
    case "{":
      return braces(state);
    case "}":
    case "]":
    case "/":
      return `\\${character}`;
    case "*":
    case "+":
    case "?":
      return quantifier(state, character);
    default:
      return verbatim(state, character);
  }
};

const verbatim = (state: Translation, character: string): string => {
  if (!state.verbose) return character;
  if (/\s/.test(character)) return "";
  if (character !== "#") return character;
  const end = state.source.indexOf("\n", state.position);
  state.position = end === -1 ? state.source.length : end + 1;
  return "";
};

const quantifier = (state: Translation, character: string): string => {
  if (state.source[state.position] === "+") {
    throw new PyError("ValueError", "possessive quantifiers of regular expressions are not supported");
  }
  return character;
};

/** `{2,}` counts; anything else is a brace. */
const braces = (state: Translation): string => {
  const match = /^(\d*)(,?)(\d*)\}/.exec(state.source.slice(state.position));
  if (match === null || (match[1] === "" && match[3] === "")) return "\\{";
  state.position += match[0].length;
  return `{${match[1] === "" ? "0" : match[1]}${match[2]}${match[3]}}`;
};

const group = (state: Translation): string => {
  const rest = state.source.slice(state.position);
  if (!rest.startsWith("?")) {
    state.groups += 1;
    return "(";
  }
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match !== null) state.position += match[0].length;
    return match;
  };
  const named = take(/^\?P<([^>]+)>/);
  if (named !== null) {
    state.groups += 1;
    return `(?<${named[1]}>`;
  }
  const reference = take(/^\?P=([^)]+)\)/);
  if (reference !== null) return `\\k<${reference[1]}>`;
  if (take(/^\?#[^)]*\)/) !== null) return "";
  const plain = take(/^\?(?::|=|!|<=|<!)/);
  if (plain !== null) return `(${plain[0]}`;
  throw new PyError("ValueError", `'(${rest.slice(0, 3)}' in a regular expression is not supported`);
};

const CONTROL: Readonly<Record<string, string>> = {
  n: "\\n",
  t: "\\t",
  r: "\\r",
  f: "\\f",
  v: "\\v",
  a: "\\x07",
};

const escaped = (state: Translation): string => {
  const rest = state.source.slice(state.position);
  const [character = ""] = Array.from(rest);
  if (character === "") throw new PyError("ValueError", "bad escape (end of pattern)");
  const word = wordSet(state);
  const known: Readonly<Record<string, string>> = {
    A: START,
    Z: END,
    d: digitSet(state),
    D: `[^${digitSet(state)}]`,
    w: word,
    W: `[^${word}]`,
    s: spaceSet(state),
    S: `[^${spaceSet(state)}]`,
    b: `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
    B: `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
  };
  const found = known[character];
  if (found !== undefined) {
    state.position += 1;
    return found;
  }
  const reference = /^[1-9]\d?/.exec(rest);
  if (reference !== null && !/^[0-3][0-7][0-7]/.test(rest)) {
    state.position += reference[0].length;
    return `(?:\\${reference[0]})`;
  }
  return escapedCharacter(state, rest, character);
};

/** A character that an escape stands for, written so that JavaScript takes it literally. */
const escapedCharacter = (state: Translation, rest: string, character: string): string => {
  const control = CONTROL[character];
  if (control !== undefined) {
    state.position += 1;
    return control;
  }
  const coded = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(0[0-7]{0,2}|[0-3][0-7]{2}))/.exec(
    rest,
  );
  if (coded !== null) {
    state.position += coded[0].length;
    const hex = coded[1] ?? coded[2] ?? coded[3];
    const code = hex === undefined ? Number.parseInt(coded[4] ?? "0", 8) : Number.parseInt(hex, 16);
    return `\\u{${code.toString(16)}}`;
  }
  if (/^[A-Za-z]$/.test(character)) throw new PyError("ValueError", `bad escape \\${character}`);
  state.position += character.length;
  return literal(character);
};

const literal = (character: string): string =>
  /^[\p{L}\p{N}_\s]$/u.test(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

const characterClass = (state: Translation): string => {
  const { source } = state;
  const negated = source[state.position] === "^";
  if (negated) state.position += 1;
  let body = "";
  let first = true;
  for (;;) {
    const character = source[state.position];
    if (character === undefined) throw new PyError("ValueError", "unterminated character set");
    if (character === "]" && !first) break;
    first = false;
    body += classItem(state);
  }
  state.position += 1;
  return `[${negated ? "^" : ""}${body}]`;
};

const classItem = (state: Translation): string => {
  const start = classCharacter(state);
  const { source, position } = state;
  if (
    !start.single ||
    source[position] !== "-" ||
    source[position + 1] === "]" ||
    source[position + 1] === undefined
  ) {
    return start.text;
  }
  state.position += 1;
  const end = classCharacter(state);
  if (!end.single) throw new PyError("ValueError", "bad character range");
  return `${start.text}-${end.text}`;
};

const classCharacter = (state: Translation): { text: string; single: boolean } => {
  const character = String.fromCodePoint(state.source.codePointAt(state.position) ?? 0);
  state.position += character.length;
  if (character !== "\\") return { text: literal(character), single: true };
  const rest = state.source.slice(state.position);
  const set = classSet(state, rest[0] ?? "");
  if (set !== null) {
    state.position += 1;
    return { text: set, single: false };
  }
  if (rest.startsWith("b")) {
    state.position += 1;
    return { text: "\\x08", single: true };
  }
  return { text: escapedCharacter(state, rest, Array.from(rest)[0] ?? ""), single: true };
};

const classSet = (state: Translation, letter: string): string | null => {
  switch (letter) {
    case "d":
      return digitSet(state);
    case "D":
      return `[^${digitSet(state)}]`;
    case "w":
      return wordSet(state);
    case "W":
      return `[^${wordSet(state)}]`;
    case "s":
      return spaceSet(state);
    case "S":
      return `[^${spaceSet(state)}]`;
    default:
      return null;
  }
};

/** re.sub: the template may name groups as `\1`, `\g<1>` and `\g<name>`. */
export const substitute = (pattern: RegExp, template: string, text: string, count = 0): string => {
  let done = 0;
  return text.replace(pattern, (...found) => {
    const match = matchOf(found);
    done += 1;
    return count > 0 && done > count ? match.whole : expand(template, match);
  });
};

interface Match {
  readonly whole: string;
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

/** What String.replace gives its function, sorted. */
const matchOf = (found: readonly unknown[]): Match => {
  const last = found.at(-1);
  const hasNames = typeof last === "object" && last !== null;
  const groups = found
    .slice(0, hasNames ? -3 : -2)
    .map((part) => (typeof part === "string" ? part : undefined));
  const named = hasNames ? (last as Record<string, string | undefined>) : {}; // what replace() puts last
  return { whole: groups[0] ?? "", groups, named };
};

const expand = (template: string, { groups, named }: Match): string =>
  template.replace(
    /\\(?:g<([^>]+)>|(0[0-7]{0,2}|[1-3][0-7]{2})|([1-9]\d?)|([\s\S]))/g,
    (_, name?: string, octal?: string, index?: string, other = "") => {
      const reference = index ?? name;
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      if (reference !== undefined) {
        if (!/^\d+$/.test(reference)) {
          if (!(reference in named)) throw new PyError("IndexError", `unknown group name '${reference}'`);
          return named[reference] ?? "";
        }
        if (Number(reference) >= groups.length) {
          throw new PyError("ValueError", `invalid group reference ${reference}`);
        }
        return groups[Number(reference)] ?? "";
      }
      const control = CONTROL[other];
      if (control !== undefined)
        return other === "a" ? "\x07" : JSON.parse(`"${other === "v" ? "\\u000b" : control}"`);
      if (/^[A-Za-z]$/.test(other)) throw new PyError("ValueError", `bad escape \\${other}`);
      return other === "\\" ? "\\" : `\\${other}`;
    },
  );

/** re.findall: whole matches, or the group, or tuples of groups. */
export const findAll = (pattern: RegExp, text: string): Obj =>
  [...text.matchAll(pattern)].map((match) => {
    const [, ...groups] = match;
    if (groups.length === 0) return match[0];
    return groups.length === 1 ? (groups[0] ?? "") : tuple(groups.map((part) => part ?? ""));
  });

/** re.search, or with `anchored` re.match. */
export const search = (pattern: RegExp, text: string, anchored = false): RegExpExecArray | null => {
  pattern.lastIndex = 0;
  const match = pattern.exec(text);
  if (!anchored || match === null || match.index === 0) return match;
  const fixed = new RegExp(`${START}(?:${pattern.source})`, pattern.flags);
  return fixed.exec(text);
};
