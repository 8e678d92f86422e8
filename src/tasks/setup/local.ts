import { fromJson, type Json, type Value } from "../../core/value.ts";
import type { Gathered } from "./gather.ts";
import type { Facts } from "./platform.ts";

/** The node's own facts: each `NAME.fact` is JSON, or sections of `key=value`. */
export const localFacts = (gathered: Gathered): Facts => {
  const found = new Map<Value, Value>();
  for (const [section, text] of gathered) {
    const [, kind, path = ""] = /^(fact|program):(.*)$/.exec(section) ?? [];
    if (kind === undefined) continue;
    const name = path.replace(/^.*\//, "").replace(/\.fact$/, "");
    found.set(
      name,
      kind === "program"
        ? `${path} is a program: facts are only read, so it was not run`
        : parseFact(text.trim(), path),
    );
  }
  return { local: found };
};

const parseFact = (text: string, path: string): Value => {
  try {
    // JSON.parse gives plain JSON data.
    return fromJson(JSON.parse(text) as Json);
  } catch {
    return parseSections(text) ?? `error loading facts as JSON or ini - please check content: ${path}`;
  }
};

/** As Python's configparser reads it: keys in lower case, after `=` or `:`, comments on lines of their own; null where it is none. */
const parseSections = (text: string): Value | null => {
  const sections = new Map<Value, Value>();
  let current: Map<Value, Value> | null = null;
  let lastKey: string | null = null;
  for (const line of text.split("\n")) {
    if (line.trim() === "" || /^\s*[#;]/.test(line)) continue;
    const header = /^\[([^\]]+)\]/.exec(line);
    if (header !== null) {
      current = new Map();
      lastKey = null;
      sections.set(header[1] ?? "", current);
      continue;
    }
    if (current === null) return null;
    if (/^\s/.test(line) && lastKey !== null) {
      current.set(lastKey, `${String(current.get(lastKey))}\n${line.trim()}`);
      continue;
    }
    const [, key, value] = /^(.*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || value === undefined) return null;
    lastKey = key.trim().toLowerCase();
    current.set(lastKey, value);
  }
  return sections;
};
