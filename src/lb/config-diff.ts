import type { Place } from "../core/error.ts";
import type { Word } from "./syntax.ts";

/** A part of a configuration that has a name: a section, an instance, a script. */
export interface ConfigPart {
  /** `frontend web`, `global`, `vrrp_instance VI_1`; a second one of the same name ends in `#2`. */
  readonly name: string;
  readonly lines: readonly ConfigLine[];
}

/** A line that says something, its words with single blanks between them. */
export interface ConfigLine {
  readonly text: string;
  readonly at: Place;
}

/** A part that is not the same in two configurations. Comments, blank lines and indentation do not count. */
export interface PartChange {
  readonly kind: "added" | "removed" | "changed";
  readonly name: string;
  /** Lines that only the configuration before has, in its order. */
  readonly removed: readonly ConfigLine[];
  /** Lines that only the configuration after has, in its order. */
  readonly added: readonly ConfigLine[];
  /** The lines that both have stand in another order. */
  readonly reordered: boolean;
}

/** The parts that differ: first those that were there before, then the new ones. */
export const diffParts = (
  before: readonly ConfigPart[],
  after: readonly ConfigPart[],
): readonly PartChange[] => {
  const old = byName(before);
  const now = byName(after);
  return [
    ...[...old].flatMap(([name, lines]) => diffPart(name, lines, now.get(name) ?? null)),
    ...[...now].flatMap(([name, lines]) => (old.has(name) ? [] : diffPart(name, null, lines))),
  ];
};

/** The words of a line as one text. */
export const lineText = (words: readonly Word[]): string => words.map(({ raw }) => raw).join(" ");

const byName = (parts: readonly ConfigPart[]): ReadonlyMap<string, readonly ConfigLine[]> => {
  const named = new Map<string, readonly ConfigLine[]>();
  for (const { name, lines } of parts) {
    let free = name;
    for (let count = 2; named.has(free); count += 1) free = `${name}#${count}`;
    named.set(free, lines);
  }
  return named;
};

const diffPart = (
  name: string,
  before: readonly ConfigLine[] | null,
  after: readonly ConfigLine[] | null,
): readonly PartChange[] => {
  if (before === null) return [{ kind: "added", name, removed: [], added: after ?? [], reordered: false }];
  if (after === null) return [{ kind: "removed", name, removed: before, added: [], reordered: false }];
  const removed = without(before, after);
  const added = without(after, before);
  const stayed = without(before, removed).map(({ text }) => text);
  const reordered = without(after, added).some(({ text }, index) => text !== stayed[index]);
  if (removed.length === 0 && added.length === 0 && !reordered) return [];
  return [{ kind: "changed", name, removed, added, reordered }];
};

/** The lines that are left of some when others are taken away, each once. */
const without = (lines: readonly ConfigLine[], others: readonly ConfigLine[]): readonly ConfigLine[] => {
  const counts = new Map<string, number>();
  for (const { text } of others) counts.set(text, (counts.get(text) ?? 0) + 1);
  return lines.filter(({ text }) => {
    const count = counts.get(text) ?? 0;
    if (count > 0) counts.set(text, count - 1);
    return count === 0;
  });
};
