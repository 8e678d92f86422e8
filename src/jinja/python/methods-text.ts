import { isMapping, type Keywords, type Obj, PyError, textOf, tuple } from "../objects.ts";
import { lookup } from "./compare.ts";
import { formatText } from "./format-text.ts";
import {
  defineMethod,
  type MethodArguments,
  needText,
  optionalInt,
  optionalText,
} from "./method-arguments.ts";
import type { Method } from "./methods.ts";
import { isNumber } from "./number.ts";
import { iterate } from "./operators.ts";
import {
  capitalize,
  center,
  characters,
  isFlat,
  replace,
  split,
  splitLines,
  splitRight,
  splitWords,
  splitWordsRight,
  strip,
  textLength,
  titleCase,
} from "./text.ts";
import { typeOf } from "./type.ts";

const selfText = (value: Obj): string => textOf(value) ?? "";

const text = (
  name: string,
  parameters: readonly string[],
  body: (self: string, given: MethodArguments) => Obj,
): readonly [string, Method] => defineMethod(selfText, name, parameters, body);

const plain = (name: string, body: (self: string) => Obj): readonly [string, Method] => text(name, [], body);

/** True if the text is not empty and all of it matches. */
const all =
  (pattern: RegExp) =>
  (self: string): boolean =>
    self !== "" && pattern.test(self);

/** Part of a text between two character positions, and where it begins, in UTF-16 units. */
const window = (self: string, given: MethodArguments): { part: string; start: number } => {
  const size = textLength(self);
  const clamp = (value: number): number => Math.max(0, Math.min(size, value < 0 ? value + size : value));
  const from = clamp(optionalInt(given[1], 0));
  const to = clamp(optionalInt(given[2], size));
  const part = isFlat(self)
    ? self.slice(from, Math.max(from, to))
    : characters(self).slice(from, to).join("");
  return { part, start: from };
};

const find = (self: string, given: MethodArguments, last: boolean): number => {
  const { part, start } = window(self, given);
  const wanted = needText(given[0], "argument");
  const index = last ? part.lastIndexOf(wanted) : part.indexOf(wanted);
  return index === -1 ? -1 : start + textLength(part.slice(0, index));
};

const found = (index: number): number => {
  if (index === -1) throw new PyError("ValueError", "substring not found");
  return index;
};

const affixed = (
  self: string,
  given: MethodArguments,
  test: (part: string, affix: string) => boolean,
): boolean => {
  const { part } = window(self, given);
  const [wanted] = given;
  if (wanted === undefined) return false;
  if (textOf(wanted) !== null) return test(part, needText(wanted, "argument"));
  return iterate(wanted).some((affix) => test(part, needText(affix, "tuple item")));
};

const partition = (self: string, separator: string, last: boolean): Obj => {
  if (separator === "") throw new PyError("ValueError", "empty separator");
  const index = last ? self.lastIndexOf(separator) : self.indexOf(separator);
  if (index === -1) return tuple(last ? ["", "", self] : [self, "", ""]);
  return tuple([self.slice(0, index), separator, self.slice(index + separator.length)]);
};

const justify = (self: string, given: MethodArguments, side: "left" | "right" | "center"): string => {
  const width = optionalInt(given[0], 0);
  const fill = optionalText(given[1], "fill character") ?? " ";
  if (side === "center") return center(self, width, fill);
  const gap = Math.max(0, width - textLength(self));
  return side === "left" ? self + fill.repeat(gap) : fill.repeat(gap) + self;
};

const zeroFill = (self: string, width: number): string => {
  const sign = /^[+-]/.exec(self)?.[0] ?? "";
  return sign + self.slice(sign.length).padStart(width - sign.length, "0");
};

const expandTabs = (self: string, size: number): string => {
  let column = 0;
  let out = "";
  for (const character of self) {
    if (character === "\t") {
      const gap = size <= 0 ? 0 : size - (column % size);
      out += " ".repeat(gap);
      column += gap;
    } else {
      out += character;
      column = character === "\n" || character === "\r" ? 0 : column + 1;
    }
  }
  return out;
};

const swapCase = (self: string): string =>
  characters(self)
    .map((character) =>
      character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase(),
    )
    .join("");

const join = (self: string, given: MethodArguments): string => {
  const items = iterate(given[0] ?? []);
  const texts = items.map((item, index) => {
    const part = textOf(item);
    if (part === null) {
      throw new PyError("TypeError", `sequence item ${index}: expected str instance, ${typeOf(item)} found`);
    }
    return part;
  });
  return texts.join(self);
};

const translate = (self: string, table: Obj | undefined): string => {
  if (table === undefined || !isMapping(table)) throw new PyError("TypeError", "translate() wants a dict");
  return characters(self)
    .map((character) => {
      const mapped = lookup(table, character.codePointAt(0) ?? 0);
      if (mapped === undefined) return character;
      if (mapped === null) return "";
      return isNumber(mapped) ? String.fromCodePoint(Number(mapped)) : (textOf(mapped) ?? "");
    })
    .join("");
};

const splitting = (self: string, given: MethodArguments, right: boolean): Obj => {
  const separator = optionalText(given[0], "separator");
  const limit = optionalInt(given[1], -1);
  if (separator === null) return right ? splitWordsRight(self, limit) : splitWords(self, limit);
  return right ? splitRight(self, separator, limit) : split(self, separator, limit);
};

const format: Method = {
  kind: "call",
  call: (self, args, keywords: Keywords) => formatText(selfText(self), args, keywords),
};

const formatMap = (self: string, given: MethodArguments): string => {
  const [mapping] = given;
  if (mapping === undefined || !isMapping(mapping))
    throw new PyError("TypeError", "format_map() wants a dict");
  return formatText(self, [], new Map([...mapping].map(([key, value]) => [textOf(key) ?? "", value])));
};

/** The methods of a Python str that return something a template can use. */
export const textMethods: ReadonlyMap<string, Method> = new Map([
  plain("upper", (self) => self.toUpperCase()),
  plain("lower", (self) => self.toLowerCase()),
  plain("casefold", (self) => self.toLowerCase().replaceAll("ß", "ss")),
  plain("capitalize", capitalize),
  plain("title", titleCase),
  plain("swapcase", swapCase),
  plain("isdigit", all(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u)),
  plain("isdecimal", all(/^\p{Nd}+$/u)),
  plain("isnumeric", all(/^\p{N}+$/u)),
  plain("isalpha", all(/^\p{L}+$/u)),
  plain("isalnum", all(/^[\p{L}\p{N}]+$/u)),
  plain("isspace", all(/^\s+$/u)),
  plain("isidentifier", all(/^[\p{L}_][\p{L}\p{N}\p{M}_]*$/u)),
  plain("isascii", (self) => /^[\0-\x7f]*$/.test(self)),
  plain("isprintable", (self) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(self) && !/[^\P{Zs} ]/u.test(self)),
  plain("islower", (self) => /\p{Ll}/u.test(self) && !/[\p{Lu}\p{Lt}]/u.test(self)),
  plain("isupper", (self) => /\p{Lu}/u.test(self) && !/[\p{Ll}\p{Lt}]/u.test(self)),
  plain("istitle", (self) => /\p{L}/u.test(self) && titleCase(self) === self),
  text("split", ["sep", "maxsplit"], (self, given) => splitting(self, given, false)),
  text("rsplit", ["sep", "maxsplit"], (self, given) => splitting(self, given, true)),
  text("splitlines", ["keepends"], (self, given) => splitLines(self, given[0] === true)),
  text("strip", ["chars"], (self, given) => strip(self, optionalText(given[0], "strip arg"), "both")),
  text("lstrip", ["chars"], (self, given) => strip(self, optionalText(given[0], "lstrip arg"), "left")),
  text("rstrip", ["chars"], (self, given) => strip(self, optionalText(given[0], "rstrip arg"), "right")),
  text("join", ["iterable!"], join),
  text("replace", ["old!", "new!", "count"], (self, given) =>
    replace(
      self,
      needText(given[0], "replace() argument 1"),
      needText(given[1], "replace() argument 2"),
      optionalInt(given[2], -1),
    ),
  ),
  text("startswith", ["prefix!", "start", "end"], (self, given) =>
    affixed(self, given, (part, affix) => part.startsWith(affix)),
  ),
  text("endswith", ["suffix!", "start", "end"], (self, given) =>
    affixed(self, given, (part, affix) => part.endsWith(affix)),
  ),
  text("removeprefix", ["prefix!"], (self, given) => {
    const prefix = needText(given[0], "prefix");
    return self.startsWith(prefix) ? self.slice(prefix.length) : self;
  }),
  text("removesuffix", ["suffix!"], (self, given) => {
    const suffix = needText(given[0], "suffix");
    return suffix !== "" && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
  }),
  text("find", ["sub!", "start", "end"], (self, given) => find(self, given, false)),
  text("rfind", ["sub!", "start", "end"], (self, given) => find(self, given, true)),
  text("index", ["sub!", "start", "end"], (self, given) => found(find(self, given, false))),
  text("rindex", ["sub!", "start", "end"], (self, given) => found(find(self, given, true))),
  text("count", ["sub!", "start", "end"], (self, given) => {
    const { part } = window(self, given);
    const wanted = needText(given[0], "argument");
    return wanted === "" ? textLength(part) + 1 : part.split(wanted).length - 1;
  }),
  text("partition", ["sep!"], (self, given) => partition(self, needText(given[0], "separator"), false)),
  text("rpartition", ["sep!"], (self, given) => partition(self, needText(given[0], "separator"), true)),
  text("ljust", ["width!", "fillchar"], (self, given) => justify(self, given, "left")),
  text("rjust", ["width!", "fillchar"], (self, given) => justify(self, given, "right")),
  text("center", ["width!", "fillchar"], (self, given) => justify(self, given, "center")),
  text("zfill", ["width!"], (self, given) => zeroFill(self, optionalInt(given[0], 0))),
  text("expandtabs", ["tabsize"], (self, given) => expandTabs(self, optionalInt(given[0], 8))),
  text("translate", ["table!"], (self, given) => translate(self, given[0])),
  text("format_map", ["mapping!"], formatMap),
  ["format", format],
]);
