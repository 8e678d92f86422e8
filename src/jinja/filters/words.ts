import { type Obj, PyError, Undefined, UndefinedUse } from "../objects.ts";
import { needText, optionalInt, optionalText } from "../python/method-arguments.ts";
import { str } from "../python/print.ts";
import { split, splitWords, strip } from "../python/text.ts";
import { type Definition, define } from "./define.ts";

/** Python's shlex.quote: an empty word, or any character beyond these, needs quotes. */
const quote = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\"'\"'")}'`;

const STYLES: Readonly<Record<string, { beginning: string; decoration: string; end: string }>> = {
  plain: { beginning: "", decoration: "# ", end: "" },
  erlang: { beginning: "", decoration: "% ", end: "" },
  c: { beginning: "", decoration: "// ", end: "" },
  cblock: { beginning: "/*", decoration: " * ", end: " */" },
  xml: { beginning: "<!--", decoration: " - ", end: "-->" },
};

const COMMENT_PARAMETERS = [
  "style",
  "newline",
  "beginning",
  "prefix",
  "prefix_count",
  "decoration",
  "postfix",
  "postfix_count",
  "end",
] as const;

const comment = define("comment", COMMENT_PARAMETERS, (value, args) => {
  const [styleName, newlineGiven, beginning, prefix, prefixCount, decoration, postfix, postfixCount, end] =
    args;
  const name = optionalText(styleName, "style") ?? "plain";
  const style = Object.hasOwn(STYLES, name) ? STYLES[name] : undefined;
  if (style === undefined) throw new PyError("KeyError", `'${name}'`);
  const text = (value: Obj | undefined, otherwise: string): string =>
    value === undefined ? otherwise : str(value);
  const newline = text(newlineGiven, "\n");
  const mark = text(decoration, style.decoration);
  const edge = strip(mark, null, "right");
  const begin = text(beginning, style.beginning);
  const before = text(prefix, edge);
  const after = text(postfix, edge);
  const close = text(end, style.end);
  const body = `${mark}${needText(demanded(value), "comment")
    .split(newline)
    .join(newline + mark)}`
    .split(mark + newline)
    .join(edge + newline);
  const prefixLine = before === "" ? "" : before === newline ? newline : before + newline;
  return (
    (begin === "" ? "" : begin + newline) +
    prefixLine.repeat(optionalInt(prefixCount, 1)) +
    body +
    (newline + after).repeat(optionalInt(postfixCount, 1)) +
    (close === "" ? "" : newline + close)
  );
});

const splitFilter = define("split", ["sep", "maxsplit"], (value, [separator, limit]) => {
  const text = needText(demanded(value), "split");
  const by = optionalText(separator, "separator");
  const most = optionalInt(limit, -1);
  return by === null ? splitWords(text, most) : split(text, by, most);
});

const demanded = (value: Obj): Obj => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  return value;
};

/** Ansible's filters on text. */
export const wordFilters: readonly Definition[] = [
  define("quote", [], (value) => quote(value === null ? "" : str(value))),
  comment,
  splitFilter,
];
