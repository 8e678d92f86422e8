import type { MountParams } from "./schema.ts";

/** The options as they are in fstab: `boot: false` adds noauto, except to defaults. */
export const optionsOf = ({ opts, boot }: MountParams): string => {
  const words = (opts ?? "defaults").split(",");
  return boot || words.includes("noauto") || words.includes("defaults")
    ? words.join(",")
    : [...words, "noauto"].join(",");
};

/** The file with the mount in it; the same text where its line is as wanted. */
export const withEntry = (params: MountParams, text: string): string => {
  const lines = linesOf(text);
  const wanted = entryOf(params);
  const own = lines.filter((line) => isEntry(line, params));
  if (own.length > 0 && own.every((line) => line.split(/\s+/).filter(Boolean).join(" ") === wanted))
    return text;
  const edited =
    own.length === 0 ? [...lines, wanted] : lines.map((line) => (isEntry(line, params) ? wanted : line));
  return `${edited.join("\n")}\n`;
};

/** The file without the mount; the same text where it is not in it. */
export const withoutEntry = (params: MountParams, text: string): string => {
  const lines = linesOf(text);
  const rest = lines.filter((line) => !isEntry(line, params));
  return rest.length === lines.length ? text : rest.map((line) => `${line}\n`).join("");
};

/** The mount's lines, for people; null where there is none. */
export const entriesIn = (params: MountParams, text: string): string | null => {
  const own = linesOf(text).filter((line) => isEntry(line, params));
  return own.length === 0 ? null : own.join("\n");
};

const linesOf = (text: string): readonly string[] => {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
};

const entryOf = (params: MountParams): string =>
  [params.src ?? "", params.path, params.fstype ?? "", optionsOf(params), params.dump, params.passno]
    .map(escaped)
    .join(" ");

const escaped = (field: string): string =>
  field.replaceAll("\\", "\\134").replaceAll(" ", "\\040").replaceAll("&", "\\046");

/** Swap spaces have no mount point of their own: they are told apart by what they are on. */
const isEntry = (line: string, { path, src }: MountParams): boolean => {
  if (/^\s*(#|$)/.test(line)) return false;
  const fields = line.trim().split(/\s+/);
  const [source, mountPoint, type] = fields;
  if (fields.length < 4 || fields.length > 6 || mountPoint !== escaped(path)) return false;
  return !(src !== null && mountPoint === "none" && type === "swap" && source !== src);
};
