import { type ConfigPart, diffParts, lineText, type PartChange } from "../config-diff.ts";
import type { HaproxyConfig } from "./config.ts";
import type { HaproxyLine, HaproxySection } from "./syntax.ts";

/** The sections that are not the same in two configurations, by keyword and name. */
export const diffHaproxy = (before: HaproxyConfig, after: HaproxyConfig): readonly PartChange[] =>
  diffParts(before.sections.map(partOf), after.sections.map(partOf));

const partOf = ({ keyword, name, header, lines }: HaproxySection): ConfigPart => {
  const named = name === null ? [keyword] : [keyword, name.text];
  // `from base`, and the addresses that old versions take here.
  const more = header.words.slice(named.length);
  return {
    name: named.join(" "),
    lines: [...(more.length === 0 ? [] : [{ ...header, words: more }]), ...lines].flatMap(lineOf),
  };
};

const lineOf = ({ words }: HaproxyLine) => {
  const [first] = words;
  return first === undefined ? [] : [{ text: lineText(words), at: first.at }];
};
