import { describe, expect, test } from "vitest";
import type { HaproxyModel } from "../../../src/lb/haproxy/model.ts";
import { renderHaproxy } from "../../../src/lb/haproxy/render.ts";
import type { KeepalivedModel } from "../../../src/lb/keepalived/model.ts";
import { renderKeepalived } from "../../../src/lb/keepalived/render.ts";
import { schema as haproxySchema } from "../../../src/tasks/haproxy-config/schema.ts";
import { schema as keepalivedSchema } from "../../../src/tasks/keepalived-config/schema.ts";
import { modelOf, renderCases, shown } from "./render-case.ts";

describe("haproxy.cfg", () => {
  test.each(renderCases("haproxy"))("$name: $why", ({ version, model, file, refused }) => {
    const rendered = renderHaproxy(modelOf<HaproxyModel>(haproxySchema, model), version);
    expect(shown(rendered)).toEqual({ file, refused });
  });
});

describe("keepalived.conf", () => {
  test.each(renderCases("keepalived"))("$name: $why", ({ version, model, file, refused }) => {
    const target = { version, interface: "eth0", tool: null };
    const rendered = renderKeepalived(modelOf<KeepalivedModel>(keepalivedSchema, model), target);
    expect(shown(rendered)).toEqual({ file, refused });
  });
});
