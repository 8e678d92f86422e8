import { Undefined } from "../objects.ts";
import { iterate, length, truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import { type Definition, define } from "./define.ts";

/** Jinja2's filters on lists. */
export const listFilters: readonly Definition[] = [
  ...["default", "d"].map((name) =>
    define(name, ["default_value", "boolean"], (value, [otherwise, boolean]) => {
      if (value instanceof Undefined) return otherwise ?? "";
      return truth(boolean ?? false) && !truth(value) ? (otherwise ?? "") : value;
    }),
  ),
  define("length", [], length),
  define("count", [], length),
  define("list", [], (value) => [...iterate(value)]),
  define("join", ["d", "attribute"], (value, [separator]) =>
    iterate(value)
      .map(str)
      .join(str(separator ?? "")),
  ),
];
