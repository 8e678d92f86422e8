import type { Line } from "../document.ts";
import type { Fault } from "../fault.ts";

/** Collects the lines of one section, each with the place in the model that it comes from. */
export interface Writer {
  readonly lines: () => readonly Line[];
  /** A line for a property; "" where it is there in any case. */
  readonly line: (property: string, text: string) => void;
  /** A line that is left out where the version does not know it. */
  readonly offer: (text: string) => void;
  /** `keyword value`, if there is a value. */
  readonly setting: (property: string, keyword: string, value: string | number | null) => void;
  /** A line for each item. */
  readonly each: <T>(property: string, items: readonly T[], text: (item: T) => string) => void;
  /** A line for each entry of a mapping. */
  readonly record: (
    property: string,
    entries: Readonly<Record<string, string>>,
    text: (key: string, value: string) => string,
  ) => void;
}

/** An empty section whose lines come from `base` in the model. */
export const writer = (base: Fault["path"], depth = 1): Writer => {
  const collected: Line[] = [];
  const add = (path: Fault["path"], text: string, origin: Line["origin"] = "wanted"): void => {
    collected.push({ depth, text: text.trim(), path, origin });
  };
  return {
    lines: () => collected,
    line: (property, text) => add(property === "" ? base : [...base, property], text),
    offer: (text) => add(base, text, "offered"),
    setting: (property, keyword, value) => {
      if (value !== null && value !== "") add([...base, property], `${keyword} ${value}`);
    },
    each: (property, items, text) => {
      for (const [index, item] of items.entries()) add([...base, property, index], text(item));
    },
    record: (property, entries, text) => {
      for (const [key, value] of Object.entries(entries)) add([...base, property, key], text(key, value));
    },
  };
};

/** A section under its heading, after an empty line. */
export const section = (heading: string, path: Fault["path"], body: readonly Line[]): readonly Line[] => [
  { depth: 0, text: "", path, origin: "wanted" },
  { depth: 0, text: heading, path, origin: "wanted" },
  ...body,
];
