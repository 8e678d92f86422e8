import { dirname } from "node:path";
import type { Play, Step, VarsPrompt } from "../core/play.ts";
import { isTemplate, type Source, type SourceDict, type Value } from "../core/value.ts";
import { asList, checkKeys, readKeywords, readSingle, readVars, unknownKey } from "./keyword-values.ts";
import { inherit, noKeywords, type OwnKeywords } from "./keywords.ts";
import { describe, entryOf, isNull, literalText, nodeOf, type YamlMap, type YamlNode } from "./node.ts";
import { mergeVars } from "./origins.ts";
import { readRole, readRoleUse } from "./roles.ts";
import { fault, type PlayScope, type Scope, type Session } from "./session.ts";
import { isSwitchedOff, isSwitchedOn } from "./special.ts";
import { readSteps } from "./steps.ts";

/** What an import_playbook puts over the plays of its file. */
export interface ImportedOver {
  readonly own: OwnKeywords;
  readonly vars: SourceDict;
}

/** Reads one play with everything that is static in it. */
export const readPlay = (session: Session, map: YamlMap, file: string, over: ImportedOver): Play => {
  checkKeys(session, map, "play", "a play");
  const vars = entryOf(map, "vars");
  const playVars = mergeVars([vars === null ? new Map() : readVars(session, vars), over.vars]);
  const { vars: _vars, ...own } = { ...remoteUser(session, map), ...readKeywords(session, map) };
  const play: PlayScope = { directory: dirname(file), vars: playVars, roles: [], handlers: [] };
  const keywords = inherit(inherit(noKeywords, over.own), own);
  const scope: Scope = { play, keywords, role: null, file, handlers: false, stack: [file] };
  const name = nodeOf(map, "name")?.value ?? null;
  const steps = (key: string): readonly Step[] => readSteps(session, nodeOf(map, key), scope, key);
  const preTasks = steps("pre_tasks");
  const roles = readRoles(session, nodeOf(map, "roles"), scope);
  const sections = [preTasks, roles, steps("tasks"), steps("post_tasks")];
  const handlers = readSteps(session, nodeOf(map, "handlers"), { ...scope, handlers: true }, "handlers");
  return {
    name: typeof name === "string" ? name : isTemplate(name) ? name.source : null,
    at: map.at,
    hosts: readHosts(session, map),
    ...playKeywords(session, map),
    vars: playVars,
    varsFiles: varsFilesOf(map),
    varsPrompt: readPrompts(session, nodeOf(map, "vars_prompt")),
    keywords,
    sections,
    handlers: [...play.handlers, ...handlers],
    roles: play.roles,
  };
};

/** `user` is what `remote_user` was once called, on plays alone: on a task it is the module. */
const remoteUser = (session: Session, map: YamlMap): { remoteUser?: Source } => {
  const entry = entryOf(map, "user");
  const value = entry === null ? null : readSingle(session, entry, "string");
  return value === null ? {} : { remoteUser: value };
};

const readHosts = (session: Session, map: YamlMap): Source => {
  const node = nodeOf(map, "hosts");
  if (node === null) {
    const hint =
      entryOf(map, "tasks") === null
        ? "is this a file of tasks? a playbook is a list of plays"
        : "add `hosts: all`, or the group it is for";
    fault(session, "E_MISSING_KEY", "a play needs `hosts`", map.at, hint);
    return "";
  }
  const items = asList(node);
  const usable = items.every(
    (item) => item.kind === "scalar" && (isTemplate(item.value) || literalText(item) !== null),
  );
  if (usable && items.length > 0)
    return node.kind === "list"
      ? items.map((item) => item.value)
      : node.kind === "scalar" && !isTemplate(node.value)
        ? node.text
        : node.value;
  fault(session, "E_WRONG_TYPE", `hosts: expected a pattern of hosts, found ${describe(node)}`, node.at);
  return "";
};

const playKeywords = (session: Session, map: YamlMap) => {
  const single = (name: string, type: "boolean" | "string"): Source | null => {
    const entry = entryOf(map, name);
    return entry === null ? null : readSingle(session, entry, type);
  };
  return {
    gatherFacts: single("gather_facts", "boolean"),
    gather: new Map(
      ["gather_subset", "gather_timeout", "fact_path"].flatMap((name): [Value, Source][] => {
        const node = nodeOf(map, name);
        return node === null || isNull(node) ? [] : [[name, node.value]];
      }),
    ),
    serial: readSerial(session, nodeOf(map, "serial")),
    strategy: readChoice(session, map, "strategy", ["linear", "free", "host_pinned", "pair"]),
    order: readChoice(session, map, "order", [
      "inventory",
      "reverse_inventory",
      "sorted",
      "reverse_sorted",
      "shuffle",
    ]),
    anyErrorsFatal: single("any_errors_fatal", "boolean"),
    maxFailPercentage: readPercentage(session, nodeOf(map, "max_fail_percentage")),
    forceHandlers: single("force_handlers", "boolean"),
  };
};

const readChoice = (
  session: Session,
  map: YamlMap,
  name: string,
  allowed: readonly string[],
): Source | null => {
  const node = nodeOf(map, name);
  if (node === null || isNull(node)) return null;
  const text = literalText(node)?.replace(/^ansible\.builtin\./, "") ?? null;
  if (isTemplate(node.value) || (text !== null && allowed.includes(text))) return text ?? node.value;
  if (name === "strategy" && text === "debug") {
    const hint = "use --step to be asked before each task, or --start-at-task to go on after mending";
    fault(
      session,
      "E_UNSUPPORTED",
      "strategy: debug stops at a failed task to change the run by hand",
      node.at,
      hint,
    );
    return null;
  }
  fault(session, "E_WRONG_TYPE", `${name}: expected ${allowed.join(", ")}, found ${describe(node)}`, node.at);
  return null;
};

const readSerial = (session: Session, node: YamlNode | null): Source | null => {
  if (node === null || isNull(node)) return null;
  for (const item of asList(node)) {
    const ok =
      item.kind === "scalar" && (isTemplate(item.value) || /^[0-9]+(?:\.[0-9]+)?%?$/.test(item.text));
    if (!ok)
      fault(
        session,
        "E_WRONG_TYPE",
        `serial: expected a number of hosts or a percentage, found ${describe(item)}`,
        item.at,
      );
  }
  return node.value;
};

const readPercentage = (session: Session, node: YamlNode | null): Source | null => {
  if (node === null || isNull(node)) return null;
  const ok = node.kind === "scalar" && (isTemplate(node.value) || /^[0-9]+(?:\.[0-9]+)?%?$/.test(node.text));
  if (!ok)
    fault(
      session,
      "E_WRONG_TYPE",
      `max_fail_percentage: expected a percentage, found ${describe(node)}`,
      node.at,
    );
  return node.value;
};

const varsFilesOf = (map: YamlMap): readonly Source[] => {
  const node = nodeOf(map, "vars_files");
  return node === null || isNull(node) ? [] : asList(node).map((item) => item.value);
};

const PROMPT_KEYS = [
  "name",
  "prompt",
  "default",
  "private",
  "confirm",
  "encrypt",
  "salt_size",
  "salt",
  "unsafe",
];

const readPrompts = (session: Session, node: YamlNode | null): readonly VarsPrompt[] => {
  if (node === null || isNull(node)) return [];
  return asList(node).flatMap((item): readonly VarsPrompt[] => {
    const name = item.kind === "map" ? nodeOf(item, "name") : null;
    const named = name === null ? null : literalText(name);
    if (item.kind !== "map" || named === null) {
      fault(session, "E_WRONG_TYPE", "vars_prompt: expected a list of mappings with a name", item.at);
      return [];
    }
    for (const entry of item.entries)
      if (!PROMPT_KEYS.includes(entry.name)) unknownKey(session, entry, PROMPT_KEYS, "vars_prompt");
    const text = (key: string): string | null => {
      const found = nodeOf(item, key);
      return found === null || isNull(found) || found.kind !== "scalar" ? null : found.text;
    };
    const hidden = nodeOf(item, "private")?.value;
    return [
      {
        name: named,
        prompt: text("prompt") ?? `input for ${named}`,
        private: !isSwitchedOff(hidden),
        default: text("default"),
        confirm: isSwitchedOn(nodeOf(item, "confirm")?.value),
        encrypt: schemeOf(session, nodeOf(item, "encrypt")),
        salt: text("salt"),
        saltSize: /^\d+$/.test(text("salt_size") ?? "") ? Number(text("salt_size")) : null,
        at: item.at,
      },
    ];
  });
};

/** Hashes that a prompt's answer can become, under passlib's names. */
const SCHEMES = ["md5_crypt", "sha256_crypt", "sha512_crypt"];

const schemeOf = (session: Session, node: YamlNode | null): string | null => {
  if (node === null || isNull(node)) return null;
  const scheme = literalText(node);
  if (scheme !== null && SCHEMES.includes(scheme)) return scheme;
  const message = `encrypt: expected ${SCHEMES.join(", ")}, found ${describe(node)}`;
  fault(session, "E_WRONG_TYPE", message, node.at);
  return null;
};

const readRoles = (session: Session, node: YamlNode | null, scope: Scope): readonly Step[] => {
  if (node === null || isNull(node)) return [];
  if (node.kind !== "list") {
    fault(
      session,
      "E_WRONG_TYPE",
      `roles: expected a list of roles, found ${describe(node)}`,
      node.at,
      "write `- ` before each role",
    );
    return [];
  }
  return node.items.flatMap((item) => {
    const use = readRoleUse(session, item);
    return use === null ? [] : (readRole(session, scope, use, null)?.steps ?? []);
  });
};
