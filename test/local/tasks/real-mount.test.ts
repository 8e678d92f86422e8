import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { mount } from "../../../src/tasks/mount/mount.ts";
import { applyHere, planHere, SHELLS, testDirectory } from "../../unit/tasks/local-node.ts";

const root = process.getuid?.() === 0;

/** Words that run a shell where what is mounted is nobody else's; it goes with the test. */
const apart = async (shell: readonly string[]): Promise<readonly string[]> => {
  const holder = spawn("unshare", ["-m", "--propagation", "private", "sh", "-c", "echo ready; exec cat"]);
  onTestFinished(() => void holder.stdin.end());
  await once(holder.stdout, "data");
  return ["nsenter", "-t", String(holder.pid), "-m", ...shell];
};

describe.each(SHELLS.map((words) => [words.join(" "), words] as const))("under %s", (_name, shell) => {
  test("A line of fstab is written and taken out, and what is around it stays.", () => {
    const fstab = join(testDirectory(), "etc/fstab");
    const params = { path: "/srv/my logs", src: "LABEL=logs", fstype: "ext4", fstab };
    expect(applyHere(mount, { ...params, state: "present" }, [], shell)).toMatchObject({
      error: null,
      second: { kind: "converged" },
    });
    expect(readFileSync(fstab, "utf8")).toBe("LABEL=logs /srv/my\\040logs ext4 defaults 0 0\n");
    const gone = applyHere(mount, { path: "/srv/my logs", fstab, state: "absent_from_fstab" }, [], shell);
    expect([gone.second.kind, readFileSync(fstab, "utf8")]).toEqual(["converged", ""]);
  });

  test.skipIf(!root)("A file system is mounted, remounted, unmounted and removed.", async () => {
    const words = await apart(shell);
    const directory = testDirectory();
    const fstab = join(directory, "fstab");
    const path = join(directory, "deep", "a point");
    const params = { path, src: "lbplay-test", fstype: "tmpfs", opts: "size=1m", fstab };
    const apply = (state: string, further = {}) =>
      applyHere(mount, { ...params, state, ...further }, [], words);
    expect(apply("mounted")).toMatchObject({ error: null, second: { kind: "converged" } });
    expect(apply("mounted").first.kind).toBe("converged");
    const changed = apply("mounted", { opts: "size=2m,noexec" });
    expect(changed).toMatchObject({ error: null, second: { kind: "converged" } });
    expect(readFileSync(fstab, "utf8")).toContain("size=2m,noexec");
    expect(apply("remounted", { opts: "ro" }).error).toBeNull();
    expect(apply("unmounted").second.kind).toBe("converged");
    expect(planHere(mount, { ...params, state: "remounted" }, [], words).plan).toEqual({
      kind: "blocked",
      reason: `${path} is not mounted`,
    });
    expect(apply("mounted", { opts: "size=2m,noexec" }).second.kind).toBe("converged");
    expect(apply("absent").second.kind).toBe("converged");
    expect([existsSync(path), readFileSync(fstab, "utf8")]).toEqual([false, ""]);
  });

  test.skipIf(!root)("What cannot be mounted does not get into fstab.", async () => {
    const words = await apart(shell);
    const directory = testDirectory();
    const fstab = join(directory, "fstab");
    writeFileSync(fstab, "# as it was\n");
    const path = join(directory, "point");
    const params = { path, src: "/dev/no-such-device", fstype: "ext4", state: "mounted", fstab };
    const { error, second } = applyHere(mount, params, [], words);
    expect([error?.includes("no-such-device"), second.kind]).toEqual([true, "changes"]);
    expect([existsSync(path), readFileSync(fstab, "utf8")]).toEqual([false, "# as it was\n"]);
  });

  test.skipIf(!root)("Without fstab: mounted, mounted anew, and not over something else.", async () => {
    const words = await apart(shell);
    const path = join(testDirectory(), "bound");
    const params = { path, src: "/etc", fstype: "none", opts: "bind", state: "ephemeral" };
    const first = applyHere(mount, params, [], words);
    expect(first.error).toBeNull();
    expect(first.second).toMatchObject({ kind: "changes", changes: [{ view: { event: true } }] });
    expect(applyHere(mount, params, [], words).error).toBeNull();
    expect(planHere(mount, { ...params, src: "/usr" }, [], words).plan).toMatchObject({
      kind: "blocked",
      reason: expect.stringContaining(`is mounted at ${path}, not /usr`),
    });
    expect(applyHere(mount, { path, state: "unmounted" }, [], words).second.kind).toBe("converged");
  });
});
