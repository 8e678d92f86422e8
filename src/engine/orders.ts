import type { Action } from "../core/action.ts";
import { LbplayError } from "../core/error.ts";
import type { Order } from "../core/task.ts";
import { type Become, TransportError } from "../core/transport.ts";
import type { Environment } from "./environment.ts";
import type { TurnResult } from "./execute.ts";
import { refuseStopped } from "./interrupted.ts";
import { endedTurn } from "./results.ts";
import type { RunContext } from "./run-context.ts";
import type { NodeSession, Work } from "./session.ts";
import { within } from "./within.ts";

/** With what an order is carried out. */
export interface OrderOptions {
  readonly context: RunContext;
  readonly session: NodeSession;
  readonly become: Become | null;
  readonly environment: Environment;
  /** The task's name, for who is asked something. */
  readonly task: string;
  readonly mode: "apply" | "check";
  /** Nothing is to be waited for: it is only found out what a run would do. */
  readonly planning: boolean;
  /** Handlers to record as owed before a change. */
  readonly owes: readonly string[];
  /** `timeout:` of the task in milliseconds; null for none. */
  readonly timeoutMs: number | null;
}

/** Carries out what only the engine can do. Throws TransportError where the node is lost before it was told anything. */
export const carryOut = async (order: Order, options: OrderOptions): Promise<TurnResult> => {
  switch (order.kind) {
    case "pause":
      return pause(order, options);
    case "wait-for-connection":
      return waitForConnection(order, options);
    case "reboot":
      return reboot(order, options);
  }
};

const pause = async (
  { forMs, unit, prompt, echo }: Extract<Order, { kind: "pause" }>,
  { context, task, planning }: OrderOptions,
): Promise<TurnResult> => {
  const started = context.now();
  const input = planning ? "" : forMs === null ? await answerOf(prompt, echo, task, context) : "";
  if (forMs !== null && !planning) {
    if (prompt !== null) warn(context, `[${task}] ${prompt} (going on after ${forMs / 1000} s)`);
    await context.sleep(forMs);
    refuseStopped(context.signal.aborted);
  }
  const stopped = context.now();
  const milliseconds = stopped.getTime() - started.getTime();
  const shown = Math.round(milliseconds / (unit === "minutes" ? 600 : 10)) / 100;
  const stdout = `Paused for ${Number.isInteger(shown) ? `${shown}.0` : shown} ${unit}`;
  return {
    ...endedTurn("ok", null),
    values: {
      rc: 0,
      stdout,
      stderr: "",
      start: clock(started),
      stop: clock(stopped),
      delta: Math.floor(milliseconds / 1000),
      echo,
      user_input: input,
    },
  };
};

/** Where nobody is there to answer, nothing is waited for, as in Ansible. */
const answerOf = async (
  prompt: string | null,
  echo: boolean,
  task: string,
  context: RunContext,
): Promise<string> => {
  const text = `[${task}]\n${prompt ?? "Press enter to continue, Ctrl+C to interrupt"}${echo ? "" : " (output is hidden)"}`;
  try {
    return await context.prompt({ name: "pause", prompt: text, private: !echo, default: null, at: null });
  } catch (error) {
    if (!(error instanceof LbplayError) || error.code !== "E_NO_TERMINAL") throw error;
    warn(
      context,
      `[${task}] nobody was waited for: the input is no terminal; give the pause seconds or minutes, or leave it out`,
    );
    return "";
  }
};

const warn = ({ sink, now }: RunContext, message: string): void =>
  sink({ kind: "warning", time: now().getTime(), host: null, message });

/** As Python prints a moment. */
const clock = (at: Date): string => `${at.toISOString().slice(0, 23).replace("T", " ")}000`;

const waitForConnection = async (
  order: Extract<Order, { kind: "wait-for-connection" }>,
  options: OrderOptions,
): Promise<TurnResult> => {
  const { context, mode, session, become } = options;
  if (mode === "check") return { ...endedTurn("skipped", null), values: { skipped: true }, unrun: true };
  const started = context.now().getTime();
  const elapsed = (): number => Math.floor((context.now().getTime() - started) / 1000);
  await context.sleep(order.delayMs);
  const fault = await tryUntil(
    async (limitMs) => {
      await session.reset();
      await within(session, limitMs, session.askAnew(become, ["true"]));
      return null;
    },
    order,
    () => order.sleepMs,
    options,
  );
  return fault === null
    ? { ...endedTurn("ok", null), values: { elapsed: elapsed() } }
    : {
        ...endedTurn("failed", `timed out waiting for a connection: ${fault}`),
        values: { elapsed: elapsed() },
      };
};

const reboot = async (
  order: Extract<Order, { kind: "reboot" }>,
  options: OrderOptions,
): Promise<TurnResult> => {
  const { context, session, become, mode } = options;
  if (session.local)
    return {
      ...endedTurn("failed", "Running reboot with local connection would reboot the control node."),
      values: { rebooted: false, elapsed: 0 },
    };
  if (mode === "check")
    return { ...endedTurn("changed", null), values: { rebooted: true, elapsed: 0 }, unrun: true };
  const before = await bootId(order, options, undefined);
  if (before.fault !== null)
    return { ...endedTurn("failed", before.fault), values: { rebooted: false, elapsed: 0 } };
  const refused = await orderReboot(order, options);
  const started = context.now().getTime();
  const values = (rebooted: boolean): TurnResult["values"] => ({
    rebooted,
    elapsed: Math.floor((context.now().getTime() - started) / 1000),
  });
  if (refused !== null) return { ...endedTurn("failed", refused), values: values(false) };
  await context.sleep(order.delayMs);
  const isUp = async (limitMs: number | undefined): Promise<string | null> => {
    await session.reset();
    const { fault, id } = await bootId(order, options, limitMs);
    return fault ?? (id === "" || id === before.id ? "it has not booted yet" : null);
  };
  const notUp = await tryUntil(isUp, order, backOff, options);
  if (notUp !== null)
    return {
      ...endedTurn("failed", `${session.name} did not come back from its boot: ${notUp}`),
      changed: true,
      values: values(true),
    };
  const isFit = async (limitMs: number | undefined): Promise<string | null> => {
    const [outcome] = (await within(session, limitMs, session.act(become, workOf(order.test, options, true))))
      .outcomes;
    if (outcome?.code === 0) return null;
    return `Test command failed: ${outcome?.stderr.toString("utf8").trim()} ${outcome?.stdout.toString("utf8").trim()}`;
  };
  const unfit = await tryUntil(isFit, order, backOff, options);
  return unfit === null
    ? { ...endedTurn("changed", null), values: values(true) }
    : { ...endedTurn("failed", unfit), changed: true, values: values(true) };
};

/** What tells one boot from another, or why it cannot be told. */
const bootId = async (
  { bootId: script }: Extract<Order, { kind: "reboot" }>,
  { session, become }: OrderOptions,
  limitMs: number | undefined,
): Promise<{ readonly id: string; readonly fault: string | null }> => {
  const [answer] = await within(session, limitMs, session.askAnew(become, [script]));
  const id = answer?.stdout.toString("utf8").trim() ?? "";
  if (answer?.code === 0) return { id, fault: null };
  const said = `${id} ${answer?.stderr.toString("utf8").trim()}`.trim();
  return { id: "", fault: `failed to get host boot time info, rc: ${answer?.code}: ${said}` };
};

/** Why the node did not take the order; one that is lost by it has taken it. */
const orderReboot = async (
  { script }: Extract<Order, { kind: "reboot" }>,
  options: OrderOptions,
): Promise<string | null> => {
  const { session, become } = options;
  try {
    const report = await session.act(become, workOf(script, options, false));
    const outcome = report.outcomes.at(-1);
    if (!report.failed && outcome?.code === 0) return null;
    const said = `${outcome?.stderr.toString("utf8").trim()} ${outcome?.stdout.toString("utf8").trim()}`;
    return `Reboot command failed: ${said.trim()}`;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return null;
  }
};

/** A node that goes down may never end what it was told: its answer is not waited for longer than this. */
const ORDER_MS = 30_000;

const workOf = (script: string, { session, owes, environment }: OrderOptions, harmless: boolean): Work => {
  const action: Action = {
    kind: "script",
    script,
    okCodes: harmless ? "any" : [0],
    touches: harmless ? [] : [{ kind: "lasting", what: `${session.name} was booted` }],
  };
  return {
    actions: [action],
    owes: harmless ? [] : owes,
    environment,
    again: [],
    ahead: () => [],
    harmless,
    timeoutMs: ORDER_MS,
  };
};

/** Seconds between tries: 1, 2, 4, 8, then 12. */
const backOff = (tries: number): number => Math.min(2 ** tries, 12) * 1000;

/** Tries until there is no fault; the last one where the time is over. Throws what is no lost node. */
const tryUntil = async (
  attempt: (limitMs: number | undefined) => Promise<string | null>,
  { timeoutMs, connectTimeoutMs }: { readonly timeoutMs: number; readonly connectTimeoutMs: number | null },
  pauseMs: (tries: number) => number,
  { context, timeoutMs: taskMs }: OrderOptions,
): Promise<string | null> => {
  const end = context.now().getTime() + Math.min(timeoutMs, taskMs ?? timeoutMs);
  for (let tries = 0; ; tries += 1) {
    refuseStopped(context.signal.aborted);
    const fault = await attempt(connectTimeoutMs ?? undefined).catch((error: unknown) => {
      if (error instanceof TransportError && !LASTING.has(error.fault)) return error.message;
      throw error;
    });
    const left = end - context.now().getTime();
    if (fault === null || left <= 0) return fault;
    await context.sleep(Math.min(pauseMs(tries), left));
  }
};

/** Faults that no waiting mends. */
const LASTING: ReadonlySet<TransportError["fault"]> = new Set([
  "host-key-changed",
  "host-key-unknown",
  "unsupported",
  "become-password",
]);
