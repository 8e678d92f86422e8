import type { PlannedChange } from "../planned-change.ts";
import { BOOT_DIRECTORY, OPTIONS_DIRECTORY, type SmallFile } from "./facts.ts";
import type { ModprobeParams } from "./schema.ts";

/** What it takes that the module is loaded at boot with its parameters, or is not. */
export const bootChanges = (
  { name, params, persistent }: ModprobeParams,
  boot: readonly SmallFile[],
  options: readonly SmallFile[],
): readonly PlannedChange[] => {
  if (persistent === "disabled") return [];
  if (persistent === "absent")
    return [
      ...commented(boot, (line) => names(line, name)),
      ...commented(options, (line) => sets(line, name)),
    ];
  const listed = boot.some(({ text }) => text.split("\n").some((line) => names(line, name)));
  const wanted = params.split(/\s+/).filter((word) => word !== "");
  return [
    ...(listed ? [] : [whole(boot, `${BOOT_DIRECTORY}/${name}.conf`, `${name}\n`)]),
    ...(isSame(wanted, kept(options, name)) ? [] : optionChanges(name, wanted, options)),
  ];
};

/** Old parameters are commented out wherever they are; the file with the module's name is written anew. */
const optionChanges = (
  name: string,
  wanted: readonly string[],
  options: readonly SmallFile[],
): readonly PlannedChange[] => {
  const own = `${OPTIONS_DIRECTORY}/${name}.conf`;
  if (wanted.length === 0) return commented(options, (line) => sets(line, name));
  const others = options.filter(({ path }) => path !== own);
  const text = wanted.map((word) => `options ${name} ${word}\n`).join("");
  return [...commented(others, (line) => sets(line, name)), whole(options, own, text)];
};

const names = (line: string, name: string): boolean => line.replace(/[#;].*$/, "").trim() === name;

const sets = (line: string, name: string): boolean => wordsOf(line, name) !== null;

/** The parameters that a line of modprobe.d(5) gives to the module; null where it is about something else. */
const wordsOf = (line: string, name: string): readonly string[] | null => {
  const [verb, module, ...words] = line.replace(/#.*$/, "").trim().split(/\s+/);
  return verb === "options" && module === name ? words : null;
};

const kept = (options: readonly SmallFile[], name: string): readonly string[] =>
  options.flatMap(({ text }) => text.split("\n").flatMap((line) => wordsOf(line, name) ?? []));

const isSame = (one: readonly string[], other: readonly string[]): boolean => {
  const [first, second] = [new Set(one), new Set(other)];
  return first.size === second.size && [...first].every((word) => second.has(word));
};

const commented = (
  files: readonly SmallFile[],
  isMeant: (line: string) => boolean,
): readonly PlannedChange[] =>
  files.flatMap(({ path, text }) => {
    const after = text
      .split("\n")
      .map((line) => (isMeant(line) ? `#${line}` : line))
      .join("\n");
    return after === text ? [] : [whole(files, path, after)];
  });

const whole = (files: readonly SmallFile[], path: string, text: string): PlannedChange => ({
  view: { field: path, before: files.find((file) => file.path === path)?.text ?? null, after: text },
  actions: [
    {
      kind: "write",
      path,
      content: Buffer.from(text),
      mode: null,
      owner: null,
      group: null,
      validate: null,
      backup: false,
    },
  ],
});
