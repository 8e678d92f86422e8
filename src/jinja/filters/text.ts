import { type Obj, PyError, Text } from "../objects.ts";
import { optionalInt, optionalText } from "../python/method-arguments.ts";
import { str } from "../python/print.ts";
import { capitalize, center, replace, strip } from "../python/text.ts";
import { type Definition, define } from "./define.ts";

const plain = (name: string, body: (text: string) => Obj): Definition =>
  define(name, [], (value) => body(str(value)));

/** Jinja2's filters on strings. */
export const textFilters: readonly Definition[] = [
  plain("upper", (text) => text.toUpperCase()),
  plain("lower", (text) => text.toLowerCase()),
  plain("capitalize", capitalize),
  plain("wordcount", (text) => text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  define("string", [], (value) => (value instanceof Text ? value : str(value))),
  define("center", ["width"], (value, [width]) => center(str(value), optionalInt(width, 80))),
  define("trim", ["chars"], (value, [chars]) => strip(str(value), optionalText(chars, "strip arg"))),
  define("replace", ["old!", "new!", "count"], (value, [old, to, count]) => {
    if (old === undefined || to === undefined) throw new PyError("TypeError", "replace wants two strings");
    return replace(str(value), str(old), str(to), optionalInt(count, -1));
  }),
];
