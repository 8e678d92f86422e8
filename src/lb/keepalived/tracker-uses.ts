import type { TrackerUse } from "./config.ts";
import { blockLines } from "./statements.ts";
import type { KeepalivedStatement } from "./syntax.ts";

const KINDS: readonly (readonly [block: string, kind: TrackerUse["kind"]])[] = [
  ["track_interface", "interface"],
  ["track_script", "script"],
  ["track_file", "file"],
  ["track_process", "process"],
  ["track_bfd", "bfd"],
];

/** What an instance or a sync group tracks, from the blocks of its statements. */
export const trackerUses = (statements: readonly KeepalivedStatement[]): readonly TrackerUse[] =>
  KINDS.flatMap(([block, kind]) => blockLines(statements, block).flatMap((line) => useOf(kind, line)));

const useOf = (kind: TrackerUse["kind"], { words }: KeepalivedStatement): readonly TrackerUse[] => {
  const [name, ...rest] = words;
  if (name === undefined) return [];
  const texts = rest.map(({ text }) => text);
  const at = texts.indexOf("weight");
  const weight = at === -1 ? Number.NaN : Number.parseInt(texts[at + 1] ?? "", 10);
  return [
    {
      at: name.at,
      kind,
      name: name.text,
      weight: Number.isNaN(weight) ? null : weight,
      reverse: texts.includes("reverse"),
    },
  ];
};
