import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { linkInventory, unlinkInventory } from "../../../src/cli/lab-link.ts";

let cwd = "";

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "lbplay-link-"));
});

afterEach(async () => {
  await rm(cwd, { recursive: true });
});

const link = (): string => join(cwd, "inventory/lab/hosts.yaml");

test("A lab's hosts are linked beside the group_vars for labs, and the last lab up wins.", async () => {
  await mkdir(join(cwd, "inventory/lab"), { recursive: true });
  expect(await linkInventory(cwd, "embedded", "/state/labs/a/inventory.yaml")).toBe("inventory/lab");
  expect(await linkInventory(cwd, "embedded", "/state/labs/b/inventory.yaml")).toBe("inventory/lab");
  expect(await readlink(link())).toBe("/state/labs/b/inventory.yaml");
  await unlinkInventory(cwd, "embedded", "/state/labs/a/inventory.yaml");
  expect(await readlink(link())).toBe("/state/labs/b/inventory.yaml");
  await unlinkInventory(cwd, "embedded", "/state/labs/b/inventory.yaml");
  await expect(readlink(link())).rejects.toMatchObject({ code: "ENOENT" });
});

test("Vagrant's machines have an inventory of their own.", async () => {
  await mkdir(join(cwd, "inventory/lab"), { recursive: true });
  await mkdir(join(cwd, "inventory/vagrant"), { recursive: true });
  expect(await linkInventory(cwd, "vagrant", "/clone/.vagrant/lbplay/inventory.yaml")).toBe(
    "inventory/vagrant",
  );
  expect(await readlink(join(cwd, "inventory/vagrant/hosts.yaml"))).toBe(
    "/clone/.vagrant/lbplay/inventory.yaml",
  );
  await expect(readlink(link())).rejects.toMatchObject({ code: "ENOENT" });
});

test("Nothing is made where there is no inventory/lab, and a file of the user's own is left alone.", async () => {
  expect(await linkInventory(cwd, "embedded", "/state/labs/a/inventory.yaml")).toBeNull();
  await mkdir(join(cwd, "inventory/lab"), { recursive: true });
  await writeFile(link(), "all:\n");
  expect(await linkInventory(cwd, "embedded", "/state/labs/a/inventory.yaml")).toBeNull();
  await unlinkInventory(cwd, "embedded", "/state/labs/a/inventory.yaml");
  expect(await readFile(link(), "utf8")).toBe("all:\n");
});
