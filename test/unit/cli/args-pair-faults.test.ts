import { expect, test } from "vitest";
import { parseCommandLine } from "../../../src/cli/args.ts";

const parse = (line: string) => parseCommandLine(line.split(" "));

test("diagnose is for all pairs unless one is named.", () => {
  expect(parse("diagnose -i inventory")).toMatchObject({
    kind: "diagnose",
    options: {
      pair: null,
      output: "plain",
      live: { inventories: ["inventory"], connection: { become: true } },
    },
  });
  expect(parse("diagnose -i x lb --output json")).toMatchObject({ options: { pair: "lb", output: "json" } });
});

test("drift needs no playbook.", () => {
  expect(parse("drift -i x")).toMatchObject({ kind: "drift", options: { playbooks: [], become: false } });
  expect(parse("drift site.yaml more.yaml -i x -b")).toMatchObject({
    options: { playbooks: ["site.yaml", "more.yaml"], become: true },
  });
});

test("Their help says what they do to nodes, and what their exit codes mean.", () => {
  for (const [command, words] of [
    ["diagnose", ["one marked line", "Exit codes: 0 nothing is wrong"]],
    ["drift", ["Passwords and keys are never shown", "4 there is drift"]],
  ] as const) {
    const shown = parse(`${command} --help`);
    if (shown.kind !== "show") throw new Error("--help shows");
    for (const word of words) expect(shown.text).toContain(word);
  }
});
