import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../../unit/engine/local-session.ts";
import { type Ran, runPlaybook } from "../../unit/engine/playbook-run.ts";

const role = new URL("../../../roles/backup/", import.meta.url);

const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  ["defaults", "tasks", "meta"].map((part) => [
    `roles/backup/${part}/main.yml`,
    readFileSync(new URL(`${part}/main.yml`, role), "utf8"),
  ]),
);

const PLAYBOOK = `
- hosts: all
  gather_facts: false
  vars: { backup_files: ["@/haproxy.cfg", "@/it's here", "@/managed.cfg", "@/missing.cfg"] }
  roles: [backup]
`;

const run = (directory: string, mode: "apply" | "check" = "apply"): Promise<Ran> =>
  runPlaybook({ playbook: PLAYBOOK, files: FILES, directory, settings: { mode } });

it("keeps what somebody else wrote, once, with its mode, and passes over the rest", async () => {
  const directory = temporaryDirectory();
  const path = (name: string): string => join(directory, name);
  writeFileSync(path("haproxy.cfg"), "the package's\n", { mode: 0o640 });
  writeFileSync(path("it's here"), "with a quote\n");
  writeFileSync(
    path("managed.cfg"),
    "# Managed by lbplay (haproxy_config) for HAProxy 2.6; edits are overwritten.\n",
  );

  expect((await run(directory, "check")).recap.a).toMatchObject({ changed: 1, failed: 0 });
  expect(existsSync(path("haproxy.cfg.old"))).toBe(false);

  expect((await run(directory)).recap.a).toMatchObject({ changed: 1, failed: 0 });
  expect(readFileSync(path("haproxy.cfg.old"), "utf8")).toBe("the package's\n");
  expect(statSync(path("haproxy.cfg.old")).mode & 0o777).toBe(0o640);
  expect(readFileSync(path("it's here.old"), "utf8")).toBe("with a quote\n");
  expect(existsSync(path("managed.cfg.old"))).toBe(false);
  expect(existsSync(path("missing.cfg.old"))).toBe(false);

  writeFileSync(
    path("haproxy.cfg"),
    "# Managed by lbplay (haproxy_config) for HAProxy 2.6; edits are overwritten.\n",
  );
  expect((await run(directory)).recap.a).toMatchObject({ changed: 0, failed: 0 });
  expect(readFileSync(path("haproxy.cfg.old"), "utf8")).toBe("the package's\n");
});
