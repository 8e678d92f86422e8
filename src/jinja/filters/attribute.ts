import { getItem } from "../attributes.ts";
import { type Obj, textOf, Undefined } from "../objects.ts";

/** The steps of `address.city` or `0.name`; digits are positions. */
const steps = (attribute: Obj): readonly Obj[] => {
  const text = textOf(attribute);
  if (text === null) return attribute === null ? [] : [attribute];
  return text.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
};

/** Reads an attribute path of an item; `otherwise` stands in for what is missing on the way. */
export const attributeReader = (attribute: Obj, otherwise: Obj = null): ((item: Obj) => Obj) => {
  const path = steps(attribute);
  return (item) => {
    let value = item;
    for (const step of path) {
      value = getItem(value, step);
      if (value instanceof Undefined && otherwise !== null) value = otherwise;
    }
    return value;
  };
};

/** Reads several attribute paths, with commas between (`age,name`). */
export const attributesReader = (attribute: Obj): ((item: Obj) => readonly Obj[]) => {
  const text = textOf(attribute);
  const readers = (text === null ? [attribute] : text.split(",")).map((part) => attributeReader(part));
  return (item) => readers.map((reader) => reader(item));
};

/** A string in lower case, for comparisons that ignore case; anything else as it is. */
export const ignoreCase = (value: Obj): Obj => textOf(value)?.toLowerCase() ?? value;
