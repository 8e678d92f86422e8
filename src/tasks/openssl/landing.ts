import { quote } from "../../core/shell.ts";
import type { Attributes } from "../file-attributes/attributes.ts";
import { type ModeParameter, modeBits } from "../file-attributes/mode.ts";
import { modeText, parentOf } from "../shared-probes/file-state.ts";

/** The beginning of a script that makes files in `$names`: nobody else can read them, and none stays behind. */
export const prologue = (...names: readonly string[]): readonly string[] => [
  "umask 077",
  names.map((name) => `${name}=`).join(" "),
  `trap 'rm -f ${names.map((name) => `"$${name}"`).join(" ")}' EXIT; trap 'exit 129' HUP INT TERM PIPE`,
];

/** `$name` becomes a new file beside the path that it is for. */
export const temporary = (name: string, path: string): string =>
  `${name}=$(mktemp ${quote(parentOf(path))}/.lbplay.XXXXXXXX) || exit 1`;

/** Puts the file `$name` in its place, with owner and mode; what was there is kept beside it with `backup`. */
export const land = (
  name: string,
  path: string,
  { mode, owner, group }: Attributes,
  backup: boolean,
): readonly string[] => {
  const owners = [owner ?? "", group === null ? "" : `:${group}`].join("");
  return [
    ...(owners === "" ? [] : [`chown ${quote(owners)} "$${name}" || exit 1`]),
    `chmod ${mode === null ? "0644" : octal(mode)} "$${name}" || exit 1`,
    ...(backup ? [backupLine(path)] : []),
    `sync "$${name}" 2>/dev/null || sync`,
    `mv -f "$${name}" ${quote(path)} || exit 1`,
    `if command -v restorecon >/dev/null 2>&1; then restorecon ${quote(path)} 2>/dev/null; fi`,
  ];
};

/** Keeps what is at a path beside it, with the time in its name. */
export const backupLine = (path: string): string =>
  `[ ! -e ${quote(path)} ] || cp -p ${quote(path)} ${quote(path)}.$(date +%Y-%m-%d@%H:%M:%S~) || exit 1`;

const octal = (mode: ModeParameter): string => modeText(modeBits(mode, { current: 0o600, directory: false }));
