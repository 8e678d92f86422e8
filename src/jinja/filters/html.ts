import { isMapping, type Obj, PyError, Text, textOf, Undefined, UndefinedUse } from "../objects.ts";
import { escapeHtml } from "../python/arithmetic.ts";
import { toJsonText } from "../python/json.ts";
import { optionalInt, optionalText } from "../python/method-arguments.ts";
import { iterate, truth } from "../python/operators.ts";
import { repr, str } from "../python/print.ts";
import { splitWords } from "../python/text.ts";
import { type Definition, define } from "./define.ts";

const markup = (text: string): Text => new Text("markup", text);

const isMarkup = (value: Obj): value is Text => value instanceof Text && value.flavour === "markup";

const escaped = (value: Obj): Obj => (isMarkup(value) ? value : markup(escapeHtml(str(value))));

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
  ["copy", "©"],
  ["reg", "®"],
  ["raquo", "»"],
  ["laquo", "«"],
  ["hellip", "…"],
  ["mdash", "—"],
  ["ndash", "–"],
  ["euro", "€"],
  ["auml", "ä"],
  ["ouml", "ö"],
  ["uuml", "ü"],
  ["szlig", "ß"],
]);

const unescaped = (text: string): string =>
  text.replace(
    /&(?:#[xX]([0-9a-fA-F]+)|#(\d+)|([A-Za-z]+));/g,
    (entity, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES.get(name ?? "") ?? entity;
    },
  );

const stripTags = (text: string): string => {
  const bare = text.replace(/<!--[\s\S]*?-->/g, "").replace(/<[\s\S]*?>/g, "");
  return unescaped(splitWords(bare, -1).join(" "));
};

const xmlAttributes = (value: Obj, autoSpace: boolean): string => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  if (!isMapping(value)) throw new PyError("AttributeError", "xmlattr wants a dict");
  const attributes: string[] = [];
  for (const [key, item] of value) {
    if (item === null || item instanceof Undefined) continue;
    if (/[\t-\r\x1c-\x20/>=]/.test(str(key))) {
      throw new PyError("ValueError", `Invalid character in attribute name: ${repr(key)}`);
    }
    attributes.push(`${str(escaped(key))}="${str(escaped(item))}"`);
  }
  const text = attributes.join(" ");
  return autoSpace && text !== "" ? ` ${text}` : text;
};

const toJsonHtml = (value: Obj, indent: number | null): Text =>
  markup(
    toJsonText(value, { indent, sortKeys: true })
      .replaceAll("<", "\\u003c")
      .replaceAll(">", "\\u003e")
      .replaceAll("&", "\\u0026")
      .replaceAll("'", "\\u0027"),
  );

const LINK =
  /^((https?:\/\/|www\.)(([\p{L}\p{N}_%-]+\.)+)?([a-z]{2,63}|xn--[\p{L}\p{N}_%]{2,59})|([\p{L}\p{N}_%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)|(https?:\/\/)((\d{1,3}(\.\d{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\])))(?::\d{1,5})?(?:[/?#]\S*)?$/iu;

const MAIL = /^\S+@[\p{L}\p{N}_][\p{L}\p{N}_.-]*\.[\p{L}\p{N}_]+$/u;

/** Words of a text around brackets and punctuation. */
const around = (word: string): { head: string; middle: string; tail: string } => {
  const head = /^([(<]|&lt;)+/.exec(word)?.[0] ?? "";
  let middle = word.slice(head.length);
  let tail = /([)>.,\n]|&gt;)+$/.exec(middle)?.[0] ?? "";
  middle = middle.slice(0, middle.length - tail.length);
  for (const [open, close] of [
    ["(", ")"],
    ["<", ">"],
    ["&lt;", "&gt;"],
  ] as const) {
    const opened = middle.split(open).length - 1;
    if (opened <= middle.split(close).length - 1) continue;
    const moves = Math.min(opened, tail.split(close).length - 1);
    for (let move = 0; move < moves; move += 1) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return { head, middle, tail };
};

interface LinkOptions {
  readonly limit: number | null;
  readonly attributes: string;
  readonly schemes: readonly string[];
}

const linked = (word: string, { limit, attributes, schemes }: LinkOptions): string => {
  const shown = limit !== null && word.length > limit ? `${word.slice(0, limit)}...` : word;
  if (LINK.test(word)) {
    const target = /^https?:\/\//.test(word) ? word : `https://${word}`;
    return `<a href="${target}"${attributes}>${shown}</a>`;
  }
  if (word.startsWith("mailto:") && MAIL.test(word.slice(7))) return `<a href="${word}">${word.slice(7)}</a>`;
  if (word.includes("@") && !word.startsWith("www.") && !word.includes(":") && MAIL.test(word)) {
    return `<a href="mailto:${word}">${word}</a>`;
  }
  const scheme = schemes.find((candidate) => word !== candidate && word.startsWith(candidate));
  return scheme === undefined ? word : `<a href="${word}"${attributes}>${word}</a>`;
};

const urlize = define(
  "urlize",
  ["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"],
  (value, [limit, noFollow, target, rel, schemes]) => {
    const rels = new Set([...splitWords(optionalText(rel, "rel") ?? "", -1), "noopener"]);
    if (truth(noFollow ?? false)) rels.add("nofollow");
    const targetText = optionalText(target, "target");
    const attributes =
      ` rel="${escapeHtml([...rels].sort().join(" "))}"` +
      (targetText === null || targetText === "" ? "" : ` target="${escapeHtml(targetText)}"`);
    const options: LinkOptions = {
      limit: limit === undefined || limit === null ? null : optionalInt(limit, 0),
      attributes,
      schemes: schemes === undefined || schemes === null ? [] : iterate(schemes).map(str),
    };
    return str(escaped(value))
      .split(/(\s+)/u)
      .map((word) => {
        const { head, middle, tail } = around(word);
        return head + linked(middle, options) + tail;
      })
      .join("");
  },
);

/** Jinja2's filters on HTML. */
export const htmlFilters: readonly Definition[] = [
  define("escape", [], escaped),
  define("e", [], escaped),
  define("forceescape", [], (value) => markup(escapeHtml(str(value)))),
  define("safe", [], (value) => markup(str(value))),
  define("striptags", [], (value) => stripTags(textOf(value) ?? str(value))),
  define("xmlattr", ["autospace"], (value, [autoSpace]) => xmlAttributes(value, truth(autoSpace ?? true))),
  define("tojson", ["indent"], (value, [indent]) =>
    toJsonHtml(value, indent === undefined || indent === null ? null : optionalInt(indent, 0)),
  ),
  urlize,
];
