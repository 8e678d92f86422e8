import { all } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { defineState, type Plan } from "../../core/task.ts";
import { faultText } from "../../lb/fault.ts";
import { renderHaproxy } from "../../lb/haproxy/render.ts";
import { haproxyRules } from "../../lb/haproxy/rules.ts";
import { versionText } from "../../lb/version.ts";
import { identities } from "../file-attributes/attributes.ts";
import type { LandingFacts } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { planWithoutDaemon, renderedFilePlan } from "../rendered-file/rendered-file.ts";
import { type Daemon, daemonVersion } from "../shared-probes/daemon-version.ts";
import { fileAt } from "../shared-probes/file-state.ts";
import { type HaproxyConfigParams, schema } from "./schema.ts";

interface HaproxyConfigFacts extends LandingFacts {
  readonly daemon: Daemon;
}

/** Renders haproxy.cfg from typed parameters, for the version of HAProxy that the node has. */
export const haproxyConfig = defineState<HaproxyConfigParams, HaproxyConfigFacts, PlannedChange>({
  kind: "state",
  name: "haproxy_config",
  aliases: ["lbplay.core.haproxy_config"],
  summary: "Renders haproxy.cfg from typed parameters, for the version of HAProxy that the node has.",
  schema,
  example: `- haproxy_config:
    frontends:
      - name: web
        binds:
          - { address: 192.0.2.100, port: 80 }
        default_backend: app
    backends:
      - name: app
        check: { uri: /healthz }
        servers:
          - { name: web1, address: 192.0.2.21, port: 80 }
          - { name: web2, address: 192.0.2.22, port: 80 }
`,
  rules: (params) => haproxyRules(params).map(faultText),
  inspect: (params) =>
    all<HaproxyConfigFacts>({
      daemon: daemonVersion(params.program, "-v"),
      at: fileAt(params.dest, { content: true }),
      ids: identities(params),
    }),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ dest }, { daemon }) => ({
    dest,
    version: daemon.kind === "installed" ? versionText(daemon.version) : null,
  }),
});

function diff(params: HaproxyConfigParams, facts: HaproxyConfigFacts): Plan<PlannedChange> {
  const { daemon } = facts;
  if (daemon.kind === "missing") {
    return planWithoutDaemon(params, facts, daemon.reason, (version) => renderHaproxy(params, version));
  }
  const rendered = renderHaproxy(params, daemon.version);
  return renderedFilePlan(params, rendered, facts, `${quote(daemon.program)} -c -f %s`);
}
