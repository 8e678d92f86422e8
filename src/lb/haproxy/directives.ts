import type { Directive, ProxySection } from "./config.ts";
import type { HaproxyLine, HaproxySection } from "./syntax.ts";

/** First words that need the second one to say what they set. */
const FAMILIES: ReadonlySet<string> = new Set([
  "capture",
  "compression",
  "email-alert",
  "errorfile",
  "errorloc",
  "errorloc302",
  "errorloc303",
  "hold",
  "monitor",
  "option",
  "persist",
  "rate-limit",
  "stats",
  "stick",
  "timeout",
]);

/** A line as a directive; null for one that says nothing, or is for HAProxy's preprocessor (`.if`, `.notice`). */
export const directiveOf = (line: HaproxyLine, conditional: boolean): Directive | null => {
  const [first] = line.words;
  const last = line.words.at(-1);
  if (first === undefined || last === undefined || first.text.startsWith(".") || first.text === "")
    return null;
  const prefix = first.text === "no" || first.text === "default" ? first.text : null;
  const words = prefix === null ? line.words : line.words.slice(1);
  const [name, second] = words;
  if (name === undefined) return null;
  const size = FAMILIES.has(name.text) && second !== undefined ? 2 : 1;
  return {
    keyword: words
      .slice(0, size)
      .map(({ text }) => text)
      .join(" "),
    prefix,
    words,
    args: words.slice(size),
    at: { ...first.at, length: last.at.column + last.at.length - first.at.column },
    conditional,
  };
};

/** The directives of any section as written: peers, resolvers, mailers, userlist, … */
export const directivesOf = (section: HaproxySection): readonly Directive[] =>
  section.lines.flatMap((line) => directiveOf(line, false) ?? []);

/** Whether a directive begins with the words of `keyword`: `option` is all options, `http-check expect` one kind of it. */
export const isDirective = ({ words }: Directive, keyword: string): boolean =>
  keyword.split(" ").every((word, index) => words[index]?.text === word);

/**
 * The directive that holds for a proxy where only one can: its own last one, else the last of its defaults. null where
 * there is none, or where `no` or `default` takes it back.
 */
export const effective = (proxy: ProxySection, keyword: string): Directive | null => {
  const last = allDirectives(proxy, keyword).at(-1) ?? null;
  return last === null || last.prefix !== null ? null : last;
};

/** All directives of that keyword: those of its defaults, then its own, in order, with `no` and `default`. */
export const allDirectives = (proxy: ProxySection, keyword: string): readonly Directive[] =>
  [...proxy.inherited, ...proxy.directives].filter((directive) => isDirective(directive, keyword));
