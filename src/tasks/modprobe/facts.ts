import { all, known, type Probe, type ReadResult, read } from "../../core/probe.ts";
import { labelled } from "../shared-probes/label.ts";
import type { ModprobeParams } from "./schema.ts";

/** How a kernel module stands. */
export type ModuleState =
  | { readonly kind: "loaded" }
  | { readonly kind: "built-in" }
  | { readonly kind: "unloaded" }
  /** It cannot be loaded: no tool, no such module. */
  | { readonly kind: "unavailable"; readonly reason: string };

/** A small file of a directory. */
export interface SmallFile {
  readonly path: string;
  readonly text: string;
}

/** What is known of a module; the files are null where their directory is not there. */
export interface ModprobeFacts {
  readonly module: ModuleState;
  readonly boot: readonly SmallFile[] | null;
  readonly options: readonly SmallFile[] | null;
}

/** Where modules to load at boot, and their parameters, are kept. */
export const BOOT_DIRECTORY = "/etc/modules-load.d";
export const OPTIONS_DIRECTORY = "/etc/modprobe.d";

/** Reads a module's state and, where it shall stay, the files that decide about it at boot. */
export const modprobeFacts = ({ name, persistent }: ModprobeParams): Probe<ModprobeFacts> =>
  all<ModprobeFacts>({
    module: moduleState(name),
    boot: persistent === "disabled" ? known(null) : filesOf(BOOT_DIRECTORY),
    options: persistent === "disabled" ? known(null) : filesOf(OPTIONS_DIRECTORY),
  });

/** An alias is loaded under another name, which `modprobe -R` says; a dry run says whether there is such a module. */
const moduleState = (name: string): Probe<ModuleState> =>
  read(
    labelled(`kernel module ${name}`, [
      "PATH=$PATH:/usr/sbin:/sbin",
      "look() {",
      "if [ -e /sys/module/$1/initstate ]; then echo loaded; exit 0; fi",
      "if [ -d /sys/module/$1 ]; then echo built-in; exit 0; fi",
      'if grep -q "^$1 " /proc/modules 2>/dev/null; then echo loaded; exit 0; fi',
      "}",
      `look ${name.replaceAll("-", "_")}`,
      `if grep -q '/${name.replace(/[-_]/g, "[-_]")}\\.ko' "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; then echo built-in; exit 0; fi`,
      "command -v modprobe >/dev/null 2>&1 || exit 127",
      `for m in $(modprobe -R ${name} 2>/dev/null); do look "$m"; done`,
      `modprobe -n ${name}`,
    ]),
    parseState,
  );

const parseState = ({ code, stdout, stderr }: ReadResult): ModuleState => {
  const said = stdout.toString("utf8").trim();
  if (said === "loaded" || said === "built-in") return { kind: said };
  if (code === 127) return { kind: "unavailable", reason: "there is no modprobe (package kmod)" };
  const fault = stderr.toString("utf8").trim();
  // busybox knows no dry run.
  if (code === 0 || /invalid option|unrecognized option/.test(fault)) return { kind: "unloaded" };
  return { kind: "unavailable", reason: fault === "" ? `modprobe -n ends with ${code}` : fault };
};

/** All files of a directory, each behind its size and name. */
const filesOf = (directory: string): Probe<readonly SmallFile[] | null> =>
  read(
    labelled(`files of ${directory}`, [
      `cd ${directory} 2>/dev/null || exit 3`,
      'for f in *; do [ ! -f "$f" ] || { echo "$(wc -c <"$f")" "$f"; cat "$f"; }; done',
    ]),
    ({ code, stdout }) => (code === 3 ? null : filesIn(directory, stdout)),
  );

const filesIn = (directory: string, answer: Buffer): readonly SmallFile[] => {
  const files: SmallFile[] = [];
  for (let at = 0; at < answer.length; ) {
    const end = answer.indexOf(0x0a, at);
    if (end === -1) break;
    const [, size = "0", name = ""] = /^\s*(\d+) (.*)$/s.exec(answer.toString("utf8", at, end)) ?? [];
    at = end + 1 + Number(size);
    files.push({ path: `${directory}/${name}`, text: answer.toString("utf8", end + 1, at) });
  }
  return files;
};
