import { describe, expect, it } from "vitest";
import { firstMissing, stepsOf } from "./tutorial-steps.ts";

describe("the tutorial's output", () => {
  it.each([
    ["is the same", ["a", "b"], "a\nb\n"],
    ["leaves lines out", ["a", "...", "d"], "a\nb\nc\nd\n"],
    ["leaves the end out", ["a", "..."], "a\nb\n"],
    ["leaves a line's end out", ["fatal: [lb2]: FAILED! => ..."], "fatal: [lb2]: FAILED! => because\n"],
    [
      "has other times",
      ["0.85 s, 4 round trips to 2 nodes, at most 2 to one of them"],
      "2 min 07 s, 5 round trips to 2 nodes, at most 3 to one of them\n",
    ],
    ["has other counts", ["lb1 : ok=9    changed=7    failed=0"], "lb1 : ok=12   changed=11   failed=0\n"],
    ["is nothing", [], ""],
  ])("fits where it %s", (_how, shown, output) => {
    expect(firstMissing(shown, output)).toBeNull();
  });

  it.each([
    ["a line is another", ["a", "b"], "a\nc\n"],
    ["a line is missing", ["a", "...", "d"], "a\nb\n"],
    ["something changed", ["lb1 : ok=9    changed=0    failed=0"], "lb1 : ok=9    changed=1    failed=0\n"],
    ["nothing changed", ["lb1 : ok=9    changed=2    failed=0"], "lb1 : ok=9    changed=0    failed=0\n"],
    ["something failed", ["lb1 : ok=9    changed=0    failed=0"], "lb1 : ok=9    changed=0    failed=1\n"],
    ["there is more", ["a"], "a\nb\n"],
    ["there is something", [], "a\n"],
    ["lines are in another order", ["...", "b", "...", "a"], "a\nb\n"],
  ])("does not fit where %s", (_how, shown, output) => {
    expect(firstMissing(shown, output)).not.toBeNull();
  });
});

it("the tutorial has files to write and commands to run, and nothing else", () => {
  const steps = stepsOf("tutorial.md");
  expect(steps.filter(({ kind }) => kind === "write").length).toBeGreaterThan(3);
  expect(steps.filter(({ kind }) => kind === "run").length).toBeGreaterThan(20);
});
