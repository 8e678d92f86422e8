import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ifUnlocked, withLock } from "../../../src/lab/lock.ts";

test("A lock lets one in at a time, tells who waits, and is free after a failure", async () => {
  const stateRoot = await mkdtemp(join(tmpdir(), "lbplay-lock-"));
  const order: string[] = [];
  const first = withLock({ stateRoot, name: "x", onWait: () => order.push("first waits") }, async () => {
    order.push("first in");
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push("first out");
    throw new Error("broken");
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await ifUnlocked(stateRoot, "x", async () => {})).toBe(false);
  expect(await ifUnlocked(stateRoot, "y", async () => {})).toBe(true);
  const second = withLock({ stateRoot, name: "x", onWait: () => order.push("second waits") }, async () => {
    order.push("second in");
  });
  await expect(first).rejects.toThrow("broken");
  await second;
  expect(order).toEqual(["first in", "second waits", "first out", "second in"]);
  expect(await readdir(stateRoot)).toEqual([]);
  await rm(stateRoot, { recursive: true });
});
