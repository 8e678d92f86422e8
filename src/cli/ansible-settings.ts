import { dirname, resolve } from "node:path";
import { type AnsibleCfg, type CfgEntry, readAnsibleCfg } from "../config/ansible-cfg.ts";
import { LbplayError, LbplayErrors, type Place } from "../core/error.ts";
import { remembered } from "../core/remembered.ts";
import { isEffectless, SETTINGS, type SettingKind, type SettingName } from "./ansible-setting-names.ts";
import type { OptionDefaults } from "./args.ts";
import type { Io } from "./io.ts";

/** The settings of ansible.cfg and of Ansible's environment variables, as far as they are set. */
export interface AnsibleSettings {
  readonly text: (name: SettingName) => string | null;
  readonly list: (name: SettingName) => readonly string[] | null;
  readonly flag: (name: SettingName) => boolean | null;
  readonly number: (name: SettingName) => number | null;
  /** The ansible.cfg that counts; null where there is none. */
  readonly file: string | null;
  /** What is wrong, or cannot be obeyed. */
  readonly faults: readonly LbplayError[];
  /** Settings that would change what a run does and that lbplay does not know, and files that were passed over. */
  readonly notices: readonly string[];
}

/** The settings for this working directory and environment. Nothing is thrown here: a mistake is told by who uses them. */
export const ansibleSettings = remembered((io: Pick<Io, "cwd" | "env">): AnsibleSettings => {
  const cfg = readAnsibleCfg(io);
  const faults: LbplayError[] = [];
  const values = new Map<SettingName, Value>();
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const said = saidOf(name, cfg, io);
    const value = said === null ? null : readValue(said, SETTINGS[name].kind, cfg, io, faults);
    if (value !== null) values.set(name, value);
    if (said !== null) faults.push(...refused(name, said));
  }
  return {
    text: (name) => asKind(values.get(name), "string"),
    list: (name) => {
      const value = values.get(name);
      return Array.isArray(value) ? value : null;
    },
    flag: (name) => asKind(values.get(name), "boolean"),
    number: (name) => asKind(values.get(name), "number"),
    file: cfg.path,
    faults,
    notices: noticesOf(cfg, values),
  };
});

type Value = string | number | boolean | readonly string[];

interface Kinds {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
}

const asKind = <K extends keyof Kinds>(value: Value | undefined, kind: K): Kinds[K] | null =>
  typeof value === kind ? (value as Kinds[K]) : null;

/** What is said of a setting, and where. */
interface Said {
  readonly name: string;
  readonly text: string;
  /** null: in the environment. */
  readonly at: Place | null;
}

/** The environment goes before the file. */
const saidOf = (name: SettingName, { entries }: AnsibleCfg, { env }: Pick<Io, "env">): Said | null => {
  const { variables, keys } = SETTINGS[name];
  for (const variable of variables) {
    const text = env[variable];
    if (text !== undefined && text !== "") return { name: variable, text, at: null };
  }
  const found = entries.findLast((entry) => (keys as readonly string[]).includes(keyOf(entry)));
  return found === undefined ? null : { name: found.key, text: found.value, at: found.at };
};

const keyOf = ({ section, key }: CfgEntry): string => `${section}.${key}`;

const TRUE = ["y", "yes", "on", "1", "true", "t"];
const FALSE = ["n", "no", "off", "0", "false", "f"];

const readValue = (
  said: Said,
  kind: SettingKind,
  cfg: AnsibleCfg,
  io: Pick<Io, "cwd" | "env">,
  faults: LbplayError[],
): Value | null => {
  const text = said.text.trim();
  const base = said.at === null || cfg.path === null ? io.cwd : dirname(cfg.path);
  const path = (part: string): string => resolve(base, expanded(part.trim(), io));
  const parts = (separator: string): readonly string[] =>
    text
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== "");
  const wrong = (expected: string): null => {
    faults.push(cfgFault(said, `${said.name}: expected ${expected}, found "${text}"`, null));
    return null;
  };
  switch (kind) {
    case "text":
      return text === "" ? null : text;
    case "list":
      return parts(",");
    case "path":
      return text === "" ? null : path(text);
    case "paths":
      return parts(":").map(path);
    case "sources":
      return parts(",").length > 1 && !text.includes("/") ? [text] : parts(",").map(path);
    case "number":
      return /^\d+$/.test(text) ? Number(text) : wrong("a whole number");
    case "flag": {
      const word = text.toLowerCase();
      return TRUE.includes(word) ? true : FALSE.includes(word) ? false : wrong("yes or no");
    }
  }
};

/** `~`, `$VARIABLE` and Ansible's `{{CWD}}` in a path. */
const expanded = (path: string, { cwd, env }: Pick<Io, "cwd" | "env">): string =>
  path
    .replace("{{CWD}}", cwd)
    .replace(/^~(?=\/|$)/, env.HOME ?? "~")
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (whole, braced?: string, bare?: string) => env[braced ?? bare ?? ""] ?? whole,
    );

const cfgFault = ({ at }: Said, message: string, hint: string | null): LbplayError =>
  new LbplayError({ code: "E_ANSIBLE_CFG", message, at, hint });

/** Settings whose other values would make another language of it. */
const refused = (name: SettingName, said: Said): readonly LbplayError[] => {
  const value = said.text.trim();
  if (name === "hashBehaviour" && value !== "replace")
    return [
      cfgFault(
        said,
        `${said.name}=${value} would merge dictionaries of the same name, so that roles mean something else than they say`,
        "remove the setting, and write {{ a | combine(b, recursive=True) }} where two are to be merged",
      ),
    ];
  const short = value.replace(/^ansible\.builtin\./, "");
  if (name === "strategy" && !["linear", "free", "host_pinned"].includes(short))
    return [
      cfgFault(
        said,
        `${said.name}=${value}: there is no such strategy`,
        short === "debug"
          ? "the debugger stops at a failed task to change the run by hand; use --step, or --start-at-task after mending"
          : "use linear, free or host_pinned",
      ),
    ];
  if (name === "gathering" && !["implicit", "explicit", "smart"].includes(value))
    return [cfgFault(said, `${said.name}: expected implicit, explicit or smart, found "${value}"`, null)];
  if (
    name === "factCaching" &&
    !["memory", "ansible.builtin.memory", "jsonfile", "ansible.builtin.jsonfile"].includes(value)
  )
    return [
      cfgFault(
        said,
        `${said.name}=${value}: facts are kept in memory or, by jsonfile, in files`,
        "use fact_caching=jsonfile with fact_caching_connection=DIRECTORY",
      ),
    ];
  return [];
};

const noticesOf = (cfg: AnsibleCfg, values: ReadonlyMap<SettingName, Value>): readonly string[] => {
  const known = new Set<string>(Object.values(SETTINGS).flatMap(({ keys }) => keys));
  const strange = cfg.entries
    .filter((entry) => !known.has(keyOf(entry)) && !isEffectless(keyOf(entry), entry.value))
    .map((entry) => keyOf(entry).replace(/^defaults\./, ""));
  const directory = values.has("factCachingConnection");
  return [
    ...(cfg.passedOver === null
      ? []
      : [
          `${cfg.passedOver} is passed over: anybody may write to its directory; name it in ANSIBLE_CONFIG if it is yours`,
        ]),
    ...(strange.length === 0
      ? []
      : [`${cfg.path} says what lbplay does not obey: ${[...new Set(strange)].sort().join(", ")}`]),
    ...(String(values.get("factCaching") ?? "memory").endsWith("jsonfile") && !directory
      ? ["fact_caching=jsonfile without fact_caching_connection: no facts are kept"]
      : []),
  ];
};

/** What options of the command line are by these settings, where it is silent. */
export const optionDefaults = ({ text, list, flag, number }: AnsibleSettings): OptionDefaults => {
  const vaultFile = text("vaultPasswordFile");
  const found: Readonly<Record<string, unknown>> = {
    askBecomePass: flag("becomeAskPass"),
    askPass: flag("askPass"),
    askVaultPass: flag("askVaultPass"),
    become: flag("become"),
    becomeMethod: text("becomeMethod"),
    becomePasswordFile: text("becomePasswordFile"),
    becomeUser: text("becomeUser"),
    connection: connectionOf(text("transport")),
    connectionPasswordFile: text("connectionPasswordFile"),
    diff: flag("diffAlways"),
    encryptVaultId: text("vaultEncryptIdentity"),
    forceHandlers: flag("forceHandlers"),
    forks: number("forks"),
    privateKey: text("privateKeyFile"),
    skipTags: list("skipTags"),
    sshCommonArgs: text("sshCommonArgs"),
    tags: list("tags"),
    timeout: number("timeout"),
    user: text("remoteUser"),
    vaultId: list("vaultIdentityList"),
    vaultPasswordFile: vaultFile === null ? null : [vaultFile],
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null && value !== false));
};

/** Ansible's names for what is ssh here; what is none of the three is left to be told where it is used. */
const connectionOf = (transport: string | null): string | null =>
  transport === null || ["smart", "paramiko", "paramiko_ssh"].includes(transport) ? null : transport;

/** Tells what is not obeyed. Throws LbplayErrors where a setting is wrong or refused. */
export const tellSettings = ({ faults, notices }: AnsibleSettings, io: Io): void => {
  for (const notice of notices) io.stderr.write(`notice: ${notice}\n`);
  if (faults.length > 0) throw new LbplayErrors(faults);
};
