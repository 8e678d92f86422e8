import { coerce } from "../core/coerce.ts";
import type { Source, Value } from "../core/value.ts";
import type { TaskAction } from "./action.ts";
import type { OwnKeywords } from "./keywords.ts";
import type { YamlMap } from "./node.ts";
import { isLiteral } from "./node.ts";
import type { Scope, Session } from "./session.ts";

/** A task that is no module, while it is read. */
export interface SpecialTask {
  readonly session: Session;
  readonly map: YamlMap;
  readonly scope: Scope;
  readonly action: TaskAction;
  readonly own: OwnKeywords;
}

/** The argument under the first of these names that is given. */
export const argumentOf = (args: Source, names: readonly string[]): Source | undefined => {
  if (!(args instanceof Map)) return undefined;
  const dict: ReadonlyMap<Value, Source> = args;
  for (const name of names) {
    const value = dict.get(name);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
};

/** Whether an argument that is off by itself is switched on, in any of the words for it. */
export const isSwitchedOn = (value: Source | undefined): boolean =>
  value !== undefined && isLiteral(value) && coerce({ type: "boolean" }, value).value === true;

/** Whether an argument that is on by itself is switched off, in any of the words for it; a template says nothing yet. */
export const isSwitchedOff = (value: Source | undefined): boolean =>
  value !== undefined && isLiteral(value) && coerce({ type: "boolean" }, value).value === false;
