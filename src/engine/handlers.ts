import { LbplayError } from "../core/error.ts";
import type { IncludeStep, Step, TaskStep } from "../core/play.ts";
import { suggest } from "../core/suggest.ts";
import { isList, type Source, type Value } from "../core/value.ts";
import type { HostState } from "./host-state.ts";
import { handlerKey, owedRecord } from "./node-state.ts";
import type { PlayRun } from "./play-run.ts";
import type { TaskScope } from "./templar.ts";

/** A handler with the names under which it is notified. */
export interface Handler {
  readonly step: TaskStep | IncludeStep;
  readonly name: string | null;
  /** What it is recorded as on a node: the same in every run of the same playbook. */
  readonly key: string;
}

/** All handlers of a play in order of definition. Names that hold templates are rendered by `scope`. */
export const handlersOf = (run: PlayRun, scope: TaskScope): readonly Handler[] =>
  flat(run.handlers).map((step) => {
    const name = nameOf(step.name, run, scope);
    const called = name ?? (step.kind === "task" ? step.listen.join(",") : "");
    return { step, name, key: handlerKey(`${step.role === null ? "" : `${step.role.name} : `}${called}`) };
  });

const flat = (steps: readonly Step[]): readonly (TaskStep | IncludeStep)[] =>
  steps.flatMap((step) => (step.kind === "block" ? flat(step.block) : step.kind === "meta" ? [] : [step]));

const nameOf = (name: Source | null, run: PlayRun, scope: TaskScope): string | null => {
  if (name === null || typeof name === "string") return name;
  try {
    const rendered = run.templar.resolve(name, scope);
    return rendered === null ? null : String(rendered);
  } catch {
    // A handler whose name cannot be rendered here can only be notified by `listen`.
    return null;
  }
};

/** The keys of the handlers that a task notifies. Throws LbplayError E_UNKNOWN_HANDLER. */
export const handlerKeysFor = (step: TaskStep, scope: TaskScope, run: PlayRun): readonly string[] => {
  if (step.keywords.notify.length === 0) return [];
  const names = step.keywords.notify.flatMap((source) => textsOf(run.templar.resolve(source, scope)));
  const handlers = handlersOf(run, scope);
  return [...new Set(names.flatMap((name) => keysOf(name, handlers, step)))];
};

const textsOf = (value: Value): readonly string[] =>
  isList<Value>(value) ? value.flatMap(textsOf) : value === null ? [] : [String(value)];

/** All that listen, and the last one of that name, as in Ansible. */
const keysOf = (name: string, handlers: readonly Handler[], step: TaskStep): readonly string[] => {
  const listening = handlers.filter(
    (handler) => handler.step.kind === "task" && handler.step.listen.includes(name),
  );
  const named = handlers.filter(
    (handler) => handler.name === name || `${handler.step.role?.name ?? ""} : ${handler.name}` === name,
  );
  const found = [...listening, ...named.slice(-1)];
  if (found.length > 0) return found.map((handler) => handler.key);
  const meant = suggest(
    name,
    handlers.flatMap((handler) => handler.name ?? []),
  );
  throw new LbplayError({
    code: "E_UNKNOWN_HANDLER",
    message: `no handler is called ${name}`,
    at: step.at,
    hint: meant === null ? null : `did you mean ${meant}?`,
  });
};

/** Notifies what is recorded on the nodes: by a run that was cut short before its handlers. */
export const collectOwed = (host: HostState, handlers: readonly Handler[], run: PlayRun): void => {
  for (const session of run.sessions()) {
    for (const { key } of handlers)
      if (session.owed().has(owedRecord(key, host.name, session.name))) host.notified.add(key);
  }
};

/** Forgets that a host owes a handler, on its own node and on those to which its tasks were delegated. */
export const settleOwed = (host: HostState, key: string, run: PlayRun): void => {
  if (run.context.settings.mode === "check") return;
  for (const session of run.sessions()) session.settle(owedRecord(key, host.name, session.name));
};

/** Forgets the handlers of a task that came to nothing, unless something before it has them owed. */
export const settleNeedless = (host: HostState, keys: readonly string[], run: PlayRun): void => {
  if (run.context.settings.mode === "check") return;
  for (const session of run.sessions()) {
    for (const key of keys) {
      const record = owedRecord(key, host.name, session.name);
      if (!host.notified.has(key) && !session.owed().has(record)) session.settle(record);
    }
  }
};
