import { writeFileSync } from "node:fs";
import { renderCases } from "./unit/lb/render-case.ts";
for (const c of renderCases("keepalived")) if (c.file !== null) writeFileSync(`/tmp/kc/${c.name}.conf`, c.file.replaceAll(/\/usr\/local\/bin\/[a-z-]+/g, "/bin/true").replace("user nobody", "user root"));
