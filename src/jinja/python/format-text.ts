import { isMapping, type Keywords, type Obj, PyError, Undefined, UndefinedUse } from "../objects.ts";
import { lookup } from "./compare.ts";
import { formatValue } from "./format-spec.ts";
import { at } from "./operators.ts";
import { repr, str } from "./print.ts";

/** Python's str.format(). */
export const formatText = (format: string, args: readonly Obj[], keywords: Keywords): string => {
  const counter = { next: 0 };
  return fill(format, args, keywords, counter, 2);
};

const fill = (
  format: string,
  args: readonly Obj[],
  keywords: Keywords,
  counter: { next: number },
  depth: number,
): string => {
  if (depth < 0) throw new PyError("ValueError", "Max string recursion exceeded");
  let out = "";
  let index = 0;
  while (index < format.length) {
    const character = format[index] ?? "";
    const following = format[index + 1];
    if ((character === "{" || character === "}") && following === character) {
      out += character;
      index += 2;
    } else if (character === "}") {
      throw new PyError("ValueError", "Single '}' encountered in format string");
    } else if (character === "{") {
      const end = closing(format, index);
      out += field(format.slice(index + 1, end), args, keywords, counter, depth);
      index = end + 1;
    } else {
      out += character;
      index += 1;
    }
  }
  return out;
};

const closing = (format: string, start: number): number => {
  let open = 0;
  for (let index = start; index < format.length; index += 1) {
    if (format[index] === "{") open += 1;
    if (format[index] === "}") open -= 1;
    if (open === 0) return index;
  }
  throw new PyError("ValueError", "expected '}' before end of string");
};

const FIELD = /^([^!:]*)(?:!(.))?(?::([\s\S]*))?$/u;

const field = (
  body: string,
  args: readonly Obj[],
  keywords: Keywords,
  counter: { next: number },
  depth: number,
): string => {
  const match = FIELD.exec(body);
  if (match === null) throw new PyError("ValueError", "expected ':' after conversion specifier");
  const [, name = "", conversion, spec = ""] = match;
  const value = fieldValue(name, args, keywords, counter);
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const shown =
    conversion === "r" || conversion === "a" ? repr(value) : conversion === "s" ? str(value) : value;
  return formatValue(shown, spec.includes("{") ? fill(spec, args, keywords, counter, depth - 1) : spec);
};

const fieldValue = (
  name: string,
  args: readonly Obj[],
  keywords: Keywords,
  counter: { next: number },
): Obj => {
  const first = /^[^.[]*/.exec(name)?.[0] ?? "";
  let value: Obj | undefined;
  if (first === "" || /^\d+$/.test(first)) {
    const position = first === "" ? counter.next : Number(first);
    if (first === "") counter.next += 1;
    value = args[position];
    if (value === undefined) {
      throw new PyError("IndexError", `Replacement index ${position} out of range for positional args tuple`);
    }
  } else {
    value = keywords.get(first);
    if (value === undefined) throw new PyError("KeyError", repr(first));
  }
  return inner(value, name.slice(first.length));
};

/** `[key]` after a field's name; attributes are refused: there is no data behind them. */
const inner = (start: Obj, path: string): Obj => {
  let value = start;
  for (const step of path.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g)) {
    const [, attribute, key = ""] = step;
    if (attribute !== undefined)
      throw new PyError("Refused", `a template cannot reach '${attribute}' through format()`);
    const found: Obj | undefined = isMapping(value)
      ? lookup(value, /^\d+$/.test(key) ? Number(key) : key)
      : at(value, Number(key));
    if (found === undefined) throw new PyError("KeyError", repr(key));
    value = found;
  }
  return value;
};
