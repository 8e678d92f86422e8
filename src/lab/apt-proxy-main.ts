import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { startAptProxy } from "./apt-proxy.ts";

/** What the proxy's process reads from its standard input, as JSON. */
export interface AptProxySettings {
  readonly address: string;
  /** The port of an earlier start in the same lab, or 0. */
  readonly port: number;
  readonly cache: string;
  readonly secureHosts: readonly string[];
  /** Where the port is written once it answers. */
  readonly portFile: string;
}

// Only proxyWords() starts this file, with settings that labUp wrote.
const settings = JSON.parse(readFileSync(0, "utf8")) as AptProxySettings;
const { port } = await startAptProxy({ ...settings, now: Date.now });
await writeFile(`${settings.portFile}.new`, String(port));
await rename(`${settings.portFile}.new`, settings.portFile);
