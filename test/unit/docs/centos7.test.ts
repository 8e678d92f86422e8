import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runProgram } from "../../../src/cli/program.ts";
import type { HaproxyModel } from "../../../src/lb/haproxy/model.ts";
import { renderHaproxy } from "../../../src/lb/haproxy/render.ts";
import type { KeepalivedModel } from "../../../src/lb/keepalived/model.ts";
import { renderKeepalived } from "../../../src/lb/keepalived/render.ts";
import { schema as haproxySchema } from "../../../src/tasks/haproxy-config/schema.ts";
import { schema as keepalivedSchema } from "../../../src/tasks/keepalived-config/schema.ts";
import { recordIo } from "../cli/io.ts";
import { modelOf, shown } from "../lb/render-case.ts";
import { defaultsOf, paramsOf } from "../lb/role-params.ts";

// What inventory/centos7 makes of the versions that CentOS 7 has: HAProxy 1.5.18 and keepalived 1.3.5.

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const golden = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`centos7/${name}`, import.meta.url)), "utf8");

/** The variables of lb1, on a node of the Red Hat family. */
const variables = async (): Promise<Readonly<Record<string, unknown>>> => {
  const { io, stdout } = recordIo(ROOT);
  await runProgram(["inventory", "-i", "inventory/centos7", "--host", "lb1"], io);
  return {
    ...defaultsOf("tls"),
    ...JSON.parse(stdout()),
    ansible_facts: {
      os_family: "RedHat",
      virtualization_type: "kvm",
      default_ipv4: { interface: "ens160" },
      selinux: { status: "enabled" },
    },
  };
};

test("HAProxy 1.5.18 gets a file in its own words.", async () => {
  const model = modelOf<HaproxyModel>(haproxySchema, paramsOf("haproxy", await variables()));
  expect(shown(renderHaproxy(model, [1, 5, 18]))).toEqual({ file: golden("haproxy.cfg"), refused: null });
});

test("keepalived 1.3.5 gets a file in its own words.", async () => {
  const given = { ...paramsOf("keepalived", await variables()), node: "lb1" };
  const model = modelOf<KeepalivedModel>(keepalivedSchema, given);
  const target = { version: [1, 3, 5], interface: "ens160", tool: null } as const;
  expect(shown(renderKeepalived(model, target))).toEqual({ file: golden("keepalived.conf"), refused: null });
});
