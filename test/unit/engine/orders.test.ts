import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LbplayError } from "../../../src/core/error.ts";
import type { Order } from "../../../src/core/task.ts";
import { TransportError } from "../../../src/core/transport.ts";
import { carryOut, type OrderOptions } from "../../../src/engine/orders.ts";
import type { RunContext } from "../../../src/engine/run-context.ts";
import type { NodeSession, SessionContext } from "../../../src/engine/session.ts";
import { connectHere, localSession, temporaryDirectory } from "./local-session.ts";
import { runPlaybook } from "./playbook-run.ts";

/** A clock that only sleeping moves on. */
const clockwork = () => {
  const slept: number[] = [];
  let now = 0;
  const context = {
    now: () => new Date(now),
    sleep: async (milliseconds: number) => {
      slept.push(milliseconds);
      now += milliseconds;
    },
    signal: new AbortController().signal,
    sink: () => undefined,
  };
  return { slept, context };
};

const optionsFor = (
  session: NodeSession,
  context: Partial<RunContext>,
  over: Partial<OrderOptions> = {},
): OrderOptions => ({
  // Only what orders use of a run's context.
  context: context as RunContext,
  session,
  become: null,
  environment: {},
  task: "a task",
  mode: "apply",
  planning: false,
  owes: [],
  timeoutMs: null,
  ...over,
});

/** A node that answers only at the nth try to connect. */
const answeringAt = (directory: string, nth: number): Partial<SessionContext> => {
  let tries = 0;
  return {
    local: false,
    connect: () => {
      tries += 1;
      return tries < nth
        ? Promise.reject(new TransportError({ fault: "refused", message: "connection refused" }))
        : connectHere({ ...process.env, LBPLAY_STATE_DIR: `${directory}/state` });
    },
  };
};

const reboot = (directory: string, script: string, timeoutMs = 60_000): Order => ({
  kind: "reboot",
  script,
  bootId: `cat ${directory}/boot`,
  test: `test -e ${directory}/fit`,
  delayMs: 3000,
  timeoutMs,
  connectTimeoutMs: null,
});

const machine = (): string => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "boot"), "one\n");
  writeFileSync(join(directory, "fit"), "");
  return directory;
};

test("a node is waited for until it answers", async () => {
  const directory = temporaryDirectory();
  const { context, slept } = clockwork();
  const order = {
    kind: "wait-for-connection",
    delayMs: 7000,
    sleepMs: 1000,
    timeoutMs: 60_000,
    connectTimeoutMs: 30_000,
  } as const;
  const session = localSession(directory, answeringAt(directory, 3));
  expect(await carryOut(order, optionsFor(session, context))).toMatchObject({
    status: "ok",
    changed: false,
    values: { elapsed: 9 },
  });
  expect(slept).toEqual([7000, 1000, 1000]);
});

test("a node that does not answer in time has failed its task, with the last reason", async () => {
  const { context } = clockwork();
  const order = {
    kind: "wait-for-connection",
    delayMs: 0,
    sleepMs: 1000,
    timeoutMs: 2500,
    connectTimeoutMs: null,
  } as const;
  const session = localSession("/nonexistent", answeringAt("", Number.POSITIVE_INFINITY));
  expect(await carryOut(order, optionsFor(session, context))).toMatchObject({
    status: "failed",
    msg: "timed out waiting for a connection: connection refused",
  });
  expect(await carryOut(order, optionsFor(session, context, { mode: "check" }))).toMatchObject({
    status: "skipped",
  });
});

test("a reboot ends when the boot is another one and the test succeeds, though its shell was killed by it", async () => {
  const directory = machine();
  const { context, slept } = clockwork();
  const session = localSession(directory, answeringAt(directory, 1));
  const order = reboot(directory, `echo two >${directory}/boot; kill -9 $$`);
  expect(await carryOut(order, optionsFor(session, context))).toMatchObject({
    status: "changed",
    changed: true,
    values: { rebooted: true, elapsed: 3 },
  });
  expect(slept).toEqual([3000]);
});

test("a node that is up but has not booted is no node that came back", async () => {
  const directory = machine();
  const { context, slept } = clockwork();
  const session = localSession(directory, answeringAt(directory, 1));
  const ended = await carryOut(reboot(directory, "true", 20_000), optionsFor(session, context));
  expect(ended).toMatchObject({
    status: "failed",
    msg: "here did not come back from its boot: it has not booted yet",
  });
  expect(slept).toEqual([3000, 1000, 2000, 4000, 8000, 5000]);
});

test("what fails after the boot, or keeps the boot from happening, is told", async () => {
  const directory = machine();
  const { context } = clockwork();
  const session = localSession(directory, answeringAt(directory, 1));
  const options = optionsFor(session, context);
  const booted = { ...reboot(directory, `echo two >${directory}/boot`, 0), test: "echo not yet >&2; false" };
  expect(await carryOut(booted, options)).toMatchObject({
    status: "failed",
    changed: true,
    msg: expect.stringContaining("Test command failed: not yet"),
  });
  expect(await carryOut(reboot(directory, "echo no >&2; exit 1"), options)).toMatchObject({
    status: "failed",
    changed: false,
    msg: "Reboot command failed: no",
    values: { rebooted: false },
  });
  const unknown = { ...reboot(directory, "true"), bootId: "exit 3" };
  expect((await carryOut(unknown, options)).msg).toContain("failed to get host boot time info, rc: 3");
});

test("this machine is never booted, and check mode boots nothing", async () => {
  const directory = machine();
  const { context } = clockwork();
  const order = reboot(directory, `echo two >${directory}/boot`);
  expect(await carryOut(order, optionsFor(localSession(directory), context))).toMatchObject({
    status: "failed",
    msg: "Running reboot with local connection would reboot the control node.",
  });
  const session = localSession(directory, { local: false });
  expect(await carryOut(order, optionsFor(session, context, { mode: "check" }))).toMatchObject({
    status: "changed",
    unrun: true,
    values: { rebooted: true, elapsed: 0 },
  });
});

test("a pause is made once, asks who is there, and goes on where nobody is", async () => {
  const play = {
    hosts: ["a", "b"],
    playbook: `- hosts: all
  gather_facts: false
  tasks:
    - { name: Look, pause: { prompt: Sure? }, register: answer }
    - { name: "Said {{ answer.user_input | default('-') }}", debug: { msg: x } }
`,
  };
  const asked: string[] = [];
  const answered = await runPlaybook({
    ...play,
    context: {
      prompt: async ({ prompt }) => {
        asked.push(prompt);
        return "yes";
      },
    },
  });
  expect(asked).toEqual(["[Look]\nSure?"]);
  expect(answered.lines).toEqual(["a: Look -> ok", "a: Said yes -> ok", "b: Said yes -> ok"]);
  const alone = await runPlaybook({
    ...play,
    context: {
      prompt: () => Promise.reject(new LbplayError({ code: "E_NO_TERMINAL", message: "no terminal" })),
    },
  });
  expect(alone.events.filter(({ kind }) => kind === "warning")).toMatchObject([
    { message: expect.stringContaining("[Look] nobody was waited for") },
  ]);
  expect(alone.recap.a).toMatchObject({ ok: 2, failed: 0 });
});
