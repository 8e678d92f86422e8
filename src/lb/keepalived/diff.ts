import { type ConfigLine, type ConfigPart, diffParts, lineText, type PartChange } from "../config-diff.ts";
import type { Word } from "../syntax.ts";
import type { KeepalivedConfig } from "./config.ts";
import type { KeepalivedStatement } from "./syntax.ts";

/**
 * The blocks that are not the same in two configurations, by keyword and name, with definitions put in. What stands in a
 * block of a block has that one's keyword before it: `virtual_ipaddress 192.0.2.10`.
 */
export const diffKeepalived = (before: KeepalivedConfig, after: KeepalivedConfig): readonly PartChange[] =>
  diffParts(before.statements.map(partOf), after.statements.map(partOf));

const partOf = ({ words, block }: KeepalivedStatement): ConfigPart => ({
  name: words.map(({ text }) => text).join(" "),
  lines: block === null ? [] : linesOf(block, []),
});

const linesOf = (statements: readonly KeepalivedStatement[], outer: readonly Word[]): readonly ConfigLine[] =>
  statements.flatMap(({ words, block }) => {
    const all = [...outer, ...words];
    if (block !== null) return linesOf(block, all);
    const [first] = words;
    return first === undefined ? [] : [{ text: lineText(all), at: first.at }];
  });
