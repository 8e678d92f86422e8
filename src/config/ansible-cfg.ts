import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Place, SourceText } from "../core/error.ts";

/** A line of an ansible.cfg: `[section]`, `key = value`. */
export interface CfgEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly at: Place;
}

/** The ansible.cfg that counts, read. */
export interface AnsibleCfg {
  /** Absolute; null where there is none. */
  readonly path: string | null;
  readonly entries: readonly CfgEntry[];
  /** An ansible.cfg that was passed over, since anybody may write to its directory. */
  readonly passedOver: string | null;
}

/** Where an ansible.cfg is looked for. */
export interface CfgSearch {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The first of ANSIBLE_CONFIG (a file, or a directory with an ansible.cfg), ./ansible.cfg, ~/.ansible.cfg and
 * /etc/ansible/ansible.cfg that may be read. The working directory's is passed over where everybody may write to it.
 */
export const readAnsibleCfg = ({ cwd, env }: CfgSearch): AnsibleCfg => {
  const named = env.ANSIBLE_CONFIG ?? "";
  const home = env.HOME ?? "";
  const inHome = (path: string): string => path.replace(/^~(?=\/|$)/, home === "" ? "~" : home);
  const given = named === "" ? null : resolve(cwd, inHome(named));
  const here = join(cwd, "ansible.cfg");
  const open = isWritableByAll(cwd);
  const candidates = [
    ...(given === null ? [] : [isDirectory(given) ? join(given, "ansible.cfg") : given]),
    ...(open ? [] : [here]),
    ...(home === "" ? [] : [join(home, ".ansible.cfg")]),
    "/etc/ansible/ansible.cfg",
  ];
  const path = candidates.find(isReadable) ?? null;
  const passedOver = open && existsSync(here) && (path === null || path !== given) ? here : null;
  if (path === null) return { path, entries: [], passedOver };
  const shown = path === here ? "ansible.cfg" : path;
  return { path, entries: parseCfg({ path: shown, text: readFileSync(path, "utf8") }), passedOver };
};

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const isWritableByAll = (path: string): boolean =>
  ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o002) !== 0;

const isReadable = (path: string): boolean => {
  if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) return false;
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** The entries of an ansible.cfg as Python's configparser reads it, with Ansible's `;` for comments behind a value. */
export const parseCfg = (source: SourceText): readonly CfgEntry[] => {
  const entries: CfgEntry[] = [];
  let section = "";
  for (const [index, line] of source.text.split(/\r?\n/).entries()) {
    const text = line.replace(/(^|\s);.*$/, "").trimEnd();
    if (text.trim() === "" || /^\s*#/.test(text)) continue;
    const header = /^\[([^\]]+)\]/.exec(text);
    const last = entries.at(-1);
    if (header !== null) section = header[1] ?? "";
    else if (/^\s/.test(text) && last !== undefined)
      entries.splice(-1, 1, { ...last, value: `${last.value}\n${text.trim()}` });
    else {
      const [, key = text, value = ""] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(text) ?? [];
      const at = { source, line: index + 1, column: 1, length: key.length };
      entries.push({ section, key: key.toLowerCase(), value: value.replace(/^(["'])(.*)\1$/, "$2"), at });
    }
  }
  return entries;
};
