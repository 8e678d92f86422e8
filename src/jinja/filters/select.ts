import { type Obj, PyError, textOf, Undefined, UndefinedUse } from "../objects.ts";
import { iterate, truth } from "../python/operators.ts";
import { attributeReader } from "./attribute.ts";
import type { Definition, FilterCall } from "./define.ts";

const nameOf = (value: Obj, what: string): string => {
  const name = textOf(value);
  if (name === null) throw new PyError("TypeError", `the name of a ${what} is wanted`);
  return name;
};

/** No items for what is false in Python, as Jinja2's generators give. */
const itemsOf = (value: Obj): readonly Obj[] => (truth(value) ? iterate(value) : []);

const map: Definition = [
  "map",
  (value, { args, keywords, tools }) => {
    const items = itemsOf(value);
    const [filter, ...rest] = args;
    const attribute = keywords.get("attribute");
    if (filter === undefined && attribute !== undefined) {
      const unknown = [...keywords.keys()].find((name) => name !== "attribute" && name !== "default");
      if (unknown !== undefined) throw new PyError("FilterError", `Unexpected keyword argument '${unknown}'`);
      return items.map(attributeReader(attribute, keywords.get("default") ?? null));
    }
    if (filter === undefined) throw new PyError("FilterError", "map requires a filter argument");
    const name = nameOf(filter, "filter");
    return items.map((item) => tools.filter(name, item, rest, keywords));
  },
];

/** select, reject, selectattr and rejectattr. */
const selecting = (filter: string, keep: boolean, byAttribute: boolean): Definition => [
  filter,
  (value, call) => {
    const items = itemsOf(value);
    if (items.length === 0) return [];
    const passes = predicate(call, byAttribute);
    return items.filter((item) => passes(item) === keep);
  },
];

const predicate = ({ args, keywords, tools }: FilterCall, byAttribute: boolean): ((item: Obj) => boolean) => {
  const [attribute, ...others] = args;
  if (byAttribute && attribute === undefined) {
    throw new PyError("FilterError", "Missing parameter for attribute name");
  }
  const read = byAttribute && attribute !== undefined ? attributeReader(attribute) : (item: Obj): Obj => item;
  const [test, ...rest] = byAttribute ? others : args;
  if (test === undefined) return (item) => truth(read(item));
  if (test instanceof Undefined) throw new UndefinedUse(test);
  const name = nameOf(test, "test");
  return (item) => truth(tools.test(name, read(item), rest, keywords));
};

/** Jinja2's filters that apply other filters and tests. */
export const selectFilters: readonly Definition[] = [
  map,
  selecting("select", true, false),
  selecting("reject", false, false),
  selecting("selectattr", true, true),
  selecting("rejectattr", false, true),
];
