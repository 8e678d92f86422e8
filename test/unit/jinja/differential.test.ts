import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readGroups, replay } from "../../oracle/jinja/replay.ts";

const directory = new URL("../../oracle/jinja/", import.meta.url);
const groups = readGroups(directory, readFileSync(new URL("expected.json", directory), "utf8"));

for (const group of groups) {
  describe(`what Ansible makes of ${group.name}`, () => {
    test.each(group.cases)("$title", ({ input, outcome }) => {
      expect(replay(input, group)).toEqual(outcome);
    });
  });
}

test("the record holds enough cases to be worth its name", () => {
  expect(groups.flatMap((group) => group.cases).length).toBeGreaterThan(500);
});
