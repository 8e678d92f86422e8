import { describe, expect, it } from "vitest";
import { layOut, oracleCases, wantedOf } from "./oracle-case.ts";

describe("a playbook runs as under Ansible", () => {
  for (const one of oracleCases()) {
    it(`${one.name}: ${one.about}`, async () => {
      const run = layOut(one);
      for (const [index, recorded] of one.runs.entries()) {
        expect(await run(recorded.arguments, one.byHost)).toEqual(wantedOf(one, index));
      }
    });
  }
});

describe("a difference that is declared", () => {
  for (const one of oracleCases().filter(({ differences }) => differences.length > 0)) {
    it(`is one, and has a reason: ${one.name}`, () => {
      for (const { reason, runs, ...parts } of one.differences) {
        expect(reason).not.toBe("");
        for (const index of runs) expect(one.runs[index]).not.toMatchObject(parts);
      }
    });
  }
});
