import { describe, expect, test } from "vitest";
import { holdsAddress, ownershipTimes } from "../../../src/lab/ownership.ts";

describe("ownership", () => {
  const changes = [
    { from: 0, owners: ["lb1"] },
    { from: 100, owners: [] },
    { from: 130, owners: ["lb2"] },
    { from: 200, owners: ["lb1", "lb2"] },
    { from: 210, owners: ["lb1"] },
  ];

  test("is summed by the number of owners", () => {
    expect(ownershipTimes(changes, { from: 0, end: 300 })).toEqual({ none: 30, one: 260, several: 10 });
  });

  test("is looked at within a window", () => {
    expect(ownershipTimes(changes, { from: 120, end: 205 })).toEqual({ none: 10, one: 70, several: 5 });
    expect(ownershipTimes(changes, { from: 400, end: 400 })).toEqual({ none: 0, one: 0, several: 0 });
  });

  const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.95.7.10
        /32 link UNICAST
     |-- 10.95.7.100
        /32 host LOCAL
`;

  test("is what the kernel counts as local, not what looks similar or is only routed", () => {
    expect(["10.95.7.100", "10.95.7.10", "10.95.7.1"].map((address) => holdsAddress(TRIE, address))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
