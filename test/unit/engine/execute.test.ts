import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { read } from "../../../src/core/probe.ts";
import { quote } from "../../../src/core/shell.ts";
import { defineState, planOf } from "../../../src/core/task.ts";
import { type ExecuteOptions, execute, type TurnResult } from "../../../src/engine/execute.ts";
import { localSession, temporaryDirectory } from "./local-session.ts";

/** A change to make where a file is missing; `quiet` says whether it counts. */
interface Touch {
  readonly path: string;
  readonly quiet: boolean;
}

const touch = defineState<{ readonly touches: readonly Touch[] }, readonly boolean[], Touch>({
  kind: "state",
  name: "touch",
  aliases: [],
  summary: "Makes files.",
  schema: { type: "object" },
  example: "",
  inspect: ({ touches }) =>
    read(
      `for f in ${touches.map(({ path }) => quote(path)).join(" ")}; do [ -e $f ]; echo $?; done`,
      (answer) =>
        answer.stdout
          .toString("utf8")
          .split("\n")
          .map((line) => line === "0"),
    ),
  diff: ({ touches }, there) => planOf(touches.filter((_, index) => there[index] !== true)),
  view: ({ path, quiet }) => ({ field: path, before: null, after: "there", ...(quiet ? { quiet } : {}) }),
  apply: ({ path }) => [{ kind: "run", argv: ["touch", path] }],
});

const perform = async (
  home: string,
  touches: readonly Touch[],
  mode: ExecuteOptions["mode"],
): Promise<Pick<TurnResult, "status" | "changed"> & { readonly owed: readonly string[] }> => {
  const session = localSession(home, { mode });
  const { status, changed } = await execute(
    {
      task: touch,
      bound: touch.bind({ touches }, []),
      session,
      become: null,
      delegatedTo: null,
      environment: {},
    },
    {
      mode,
      owes: ["reload"],
      environment: {},
      ahead: () => [],
      onPlanned: () => undefined,
      timeoutMs: null,
      pending: false,
      background: null,
    },
  );
  const recorded = `${home}/state/owed`;
  return { status, changed, owed: existsSync(recorded) ? readdirSync(recorded) : [] };
};

describe("a change that is quiet", () => {
  it("is made without the task counting as changed or owing its handlers, and foretold as such", async () => {
    const home = temporaryDirectory();
    const touches = [{ path: `${home}/a`, quiet: true }];
    const nothing = { status: "ok", changed: false, owed: [] };
    expect(await perform(home, touches, "check")).toEqual(nothing);
    expect(existsSync(`${home}/a`)).toBe(false);
    expect(await perform(home, touches, "apply")).toEqual(nothing);
    expect(existsSync(`${home}/a`)).toBe(true);
  });

  it("does not keep others from counting", async () => {
    const home = temporaryDirectory();
    const touches = [
      { path: `${home}/a`, quiet: true },
      { path: `${home}/b`, quiet: false },
    ];
    expect(await perform(home, touches, "check")).toEqual({ status: "changed", changed: true, owed: [] });
    expect(await perform(home, touches, "apply")).toEqual({
      status: "changed",
      changed: true,
      owed: ["reload"],
    });
    expect([existsSync(`${home}/a`), existsSync(`${home}/b`)]).toEqual([true, true]);
  });
});
