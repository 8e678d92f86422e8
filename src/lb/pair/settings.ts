import { LbplayError, type Place } from "../../core/error.ts";
import { suggest } from "../../core/suggest.ts";
import { isDict, isList, isTemplate, type Source, type SourceDict } from "../../core/value.ts";
import { parseDuration } from "../duration.ts";
import { meantRule } from "../lint/meant-rule.ts";
import type { PairSettings } from "./pair.ts";

/** Nothing is said of the pair. */
export const NO_SETTINGS: PairSettings = {
  maxOutageMs: null,
  prefer: null,
  probe: null,
  probeFrom: null,
  lintOff: new Map(),
};

/** What a value of `lbplay_pair` is held against. */
export interface SettingsContext {
  /** The nodes of the pair. */
  readonly nodes: readonly string[];
  /** All hosts of the inventory. */
  readonly hosts: readonly string[];
  /** The ids of all rules of lint. */
  readonly rules: readonly string[];
  /** Where a path of keys below the value stands; null where no file made it. */
  readonly placeOf: (path: readonly string[]) => Place | null;
}

/** A value of `lbplay_pair`, understood: `null` settings are a group that says it is no pair. */
export interface ParsedSettings {
  readonly settings: PairSettings | null;
  readonly faults: readonly LbplayError[];
}

const KEYS: readonly string[] = ["max_outage", "prefer", "probe", "probe_from", "lint_off"];

/** The settings of a pair from the variable `lbplay_pair`: true, false or a mapping. All mistakes are collected. */
export const parsePairSettings = (value: Source, context: SettingsContext): ParsedSettings => {
  const faults: LbplayError[] = [];
  const complain = (path: readonly string[], message: string, hint: string | null = null): null => {
    faults.push(new LbplayError({ code: "E_PAIR", message, at: context.placeOf(path), hint }));
    return null;
  };
  const settings = settingsOf(value, context, complain);
  return { settings, faults };
};

type Complain = (path: readonly string[], message: string, hint?: string | null) => null;

const settingsOf = (value: Source, context: SettingsContext, complain: Complain): PairSettings | null => {
  const flag = booleanOf(value);
  if (flag !== null) return flag ? NO_SETTINGS : null;
  if (!isDict<Source>(value)) {
    return complain(
      [],
      `lbplay_pair: expected true, false or a mapping, found ${found(value)}`,
      HINTS.literal(value),
    );
  }
  refuseUnknown(value, complain);
  const text = (key: string): string | null => textAt(value, [key], complain);
  return {
    maxOutageMs: outageOf(text("max_outage"), complain),
    prefer: nodeOf(text("prefer"), context.nodes, complain),
    probe: probeOf(text("probe"), complain),
    probeFrom: hostOf(text("probe_from"), context.hosts, complain),
    lintOff: lintOffOf(value.get("lint_off") ?? null, context.rules, complain),
  };
};

/** YAML's own booleans, and the words that an INI inventory has for them. */
const booleanOf = (value: Source): boolean | null => {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return null;
  if (/^(true|yes|on)$/i.test(value)) return true;
  return /^(false|no|off)$/i.test(value) ? false : null;
};

const outageOf = (text: string | null, complain: Complain): number | null => {
  if (text === null) return null;
  const milliseconds = parseDuration(text);
  return milliseconds !== null && milliseconds > 0
    ? milliseconds
    : complain(
        ["max_outage"],
        `max_outage: expected a time with its unit, found ${JSON.stringify(text)}`,
        "write it as 500ms or 2s",
      );
};

const nodeOf = (name: string | null, nodes: readonly string[], complain: Complain): string | null =>
  name === null || nodes.includes(name)
    ? name
    : complain(["prefer"], `prefer: ${name} is no node of this pair`, meantOr(name, nodes));

const hostOf = (name: string | null, hosts: readonly string[], complain: Complain): string | null =>
  name === null || hosts.includes(name)
    ? name
    : complain(["probe_from"], `probe_from: the inventory has no host ${name}`, meantOr(name, hosts));

const probeOf = (text: string | null, complain: Complain): string | null => {
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const asks = url !== null && ["http:", "https:", "tcp:"].includes(url.protocol) && url.hostname !== "";
  if (asks && (url.protocol !== "tcp:" || url.port !== "")) return text;
  return complain(
    ["probe"],
    `probe: expected an address to ask, found ${JSON.stringify(text)}`,
    "write http://ADDRESS/PATH, https://ADDRESS/PATH or tcp://ADDRESS:PORT",
  );
};

const lintOffOf = (
  off: Source,
  rules: readonly string[],
  complain: Complain,
): ReadonlyMap<string, string> => {
  if (off === null) return new Map();
  if (!isDict<Source>(off)) {
    complain(["lint_off"], `lint_off: expected rules with reasons, found ${found(off)}`, HINTS.lintOff);
    return new Map();
  }
  return new Map(
    [...off].flatMap(([key, reason]): [string, string][] => {
      const id = String(key);
      const path = ["lint_off", id];
      if (!rules.includes(id)) {
        complain(path, `lint_off: no rule is called ${id}`, meantRule(id, rules));
        return [];
      }
      if (typeof reason === "string" && reason.trim() !== "") return [[id, reason.trim()]];
      complain(path, `lint_off: ${id} is off without a reason`, `say why: ${id}: the reason`);
      return [];
    }),
  );
};

const textAt = (value: SourceDict, path: readonly string[], complain: Complain): string | null => {
  const key = path.at(-1) ?? "";
  const source = value.get(key) ?? null;
  if (source === null) return null;
  if (typeof source === "string" && source.trim() !== "") return source.trim();
  if (typeof source === "number" && key === "max_outage") return String(source);
  return complain(path, `${key}: expected a text, found ${found(source)}`, HINTS.literal(source));
};

const refuseUnknown = (value: SourceDict, complain: Complain): void => {
  for (const key of value.keys()) {
    const name = String(key);
    if (!KEYS.includes(name))
      complain([name], `lbplay_pair: the key ${name} is unknown`, meantOr(name, KEYS));
  }
};

const meantOr = (name: string, known: readonly string[]): string => {
  const meant = suggest(name, known);
  return meant === null ? `there is ${known.join(", ")}` : `did you mean ${meant}?`;
};

const found = (value: Source): string => {
  if (isTemplate(value)) return "a template";
  if (isList(value)) return "a list";
  if (isDict(value)) return "a mapping";
  return value === null || value === "" ? "nothing" : JSON.stringify(value);
};

const HINTS = {
  lintOff: "write `lint_off: {H03: the reason}`",
  /** A pair is known before there is a host whose variables a template could look at. */
  literal: (value: Source): string | null =>
    isTemplate(value) ? "it is read before any variable of a host, so write the value itself" : null,
} as const;
