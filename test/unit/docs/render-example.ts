import type { HaproxyModel } from "../../../src/lb/haproxy/model.ts";
import { renderHaproxy } from "../../../src/lb/haproxy/render.ts";
import type { KeepalivedModel } from "../../../src/lb/keepalived/model.ts";
import { renderKeepalived } from "../../../src/lb/keepalived/render.ts";
import type { Version } from "../../../src/lb/version.ts";
import { schema as haproxySchema } from "../../../src/tasks/haproxy-config/schema.ts";
import { schema as keepalivedSchema } from "../../../src/tasks/keepalived-config/schema.ts";
import { modelOf, shown } from "../lb/render-case.ts";
import { paramsOf } from "./example-site.ts";
import type { FileBlock } from "./pages.ts";

/** The files that an example makes on one node, or why there are none. */
export interface RenderedExample {
  readonly host: string;
  readonly daemon: "haproxy" | "keepalived";
  readonly version: Version;
  readonly file: string;
  readonly refused: readonly string[];
}

/** The daemons of Debian 12. */
const HAPROXY: Version = [2, 6, 12];
const KEEPALIVED: Version = [2, 2, 7];

/** What lands on the nodes of an example's site, by the roles of `withShownRoles`; variables that do not fit the modules' schemas throw. */
export const renderExample = async (
  example: FileBlock,
  pageFiles: readonly FileBlock[],
  home: string,
): Promise<readonly RenderedExample[]> => {
  const wanted = /^HAProxy (\d+)\.(\d+)$/.exec(example.meantFor ?? "");
  const version: Version = wanted === null ? HAPROXY : [Number(wanted[1]), Number(wanted[2]), 0];
  const params = await paramsOf(example, pageFiles, home);
  return Object.entries(params).flatMap(([host, { haproxy, keepalived }]) => {
    const tool = null;
    const balancer = shown(renderHaproxy(modelOf<HaproxyModel>(haproxySchema, haproxy), version));
    const vrrp = shown(
      renderKeepalived(modelOf<KeepalivedModel>(keepalivedSchema, keepalived), {
        version: KEEPALIVED,
        interface: "eth0",
        tool,
      }),
    );
    return [
      { host, daemon: "haproxy", version, file: balancer.file ?? "", refused: balancer.refused ?? [] },
      { host, daemon: "keepalived", version: KEEPALIVED, file: vrrp.file ?? "", refused: vrrp.refused ?? [] },
    ] as const;
  });
};
