import { createReadStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { run } from "./command.ts";

/** A caching proxy for apt: nodes install what any lab of this host ever installed, even without a network. */
export interface AptProxy {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** What an AptProxy is made from. */
export interface AptProxyOptions {
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** Shared by all labs of a state directory. */
  readonly cache: string;
  /** Hosts that are asked by https although the node asks by http. */
  readonly secureHosts: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Indexes are asked for again after this long; what has a version or a checksum in its name never. */
const FRESH_MS = 60 * 60_000;

/** Where in the cache a URL's answer is, and how to get it; null for a URL that is no archive's file. */
export const cacheEntry = (
  url: string,
  secureHosts: readonly string[],
): { readonly path: string; readonly upstream: string; readonly immutable: boolean } | null => {
  if (!URL.canParse(url)) return null;
  const { protocol, host, pathname, search } = new URL(url);
  if (protocol !== "http:" || search !== "" || pathname.endsWith("/")) return null;
  if (!/^[\w.:-]+$/.test(host) || !/^[\w.~%+:=@/-]+$/.test(pathname) || /(^|\/)\.\.?(\/|$)/.test(pathname))
    return null;
  return {
    path: join(host.replace(":", "_"), pathname),
    upstream: `${secureHosts.includes(host) ? "https" : "http"}://${host}${pathname}`,
    immutable: /\.u?deb$/.test(pathname) || pathname.includes("/by-hash/"),
  };
};

type Fetched =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "failed"; readonly status: 404 | 502; readonly reason: string };

/** Starts a proxy in this process. */
export const startAptProxy = async (options: AptProxyOptions): Promise<AptProxy> => {
  const underway = new Map<string, Promise<Fetched>>();
  const server = createServer((request, response) => {
    answer(options, underway, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  server.on("connect", tunnel);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.address, resolve);
  });
  // A server on a TCP port always has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return { port, close: () => closeServer(server) };
};

const closeServer = (server: Server): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
};

const answer = async (
  options: AptProxyOptions,
  underway: Map<string, Promise<Fetched>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const entry = request.method === "GET" ? cacheEntry(request.url ?? "", options.secureHosts) : null;
  if (entry === null) {
    response.writeHead(400).end("this proxy only gets files of package archives\n");
    return;
  }
  const path = join(options.cache, entry.path);
  // Several nodes often want the same file at once.
  const fetching =
    underway.get(path) ?? fetchFile(options, { ...entry, path }).finally(() => underway.delete(path));
  underway.set(path, fetching);
  const fetched = await fetching;
  if (fetched.kind === "failed") response.writeHead(fetched.status).end(`${fetched.reason}\n`);
  else await send(fetched.path, request.headers["if-modified-since"], response);
};

const fetchFile = async (
  { address, now }: AptProxyOptions,
  {
    path,
    upstream,
    immutable,
  }: { readonly path: string; readonly upstream: string; readonly immutable: boolean },
): Promise<Fetched> => {
  const present = await stat(path).catch(() => null);
  // The change time says when it came; the modification time is the archive's own.
  if (present !== null && (immutable || now() - present.ctimeMs < FRESH_MS)) return { kind: "file", path };
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.part-${address}-${now()}`;
  // apt's own downloader knows the host's proxies, certificates and credentials. It need not try hard for an index
  // of which there is an older one: without a network labs are as quick as with one.
  const patience =
    present === null
      ? ["Acquire::Retries=2"]
      : ["Acquire::Retries=0", "Acquire::http::Timeout=5", "Acquire::https::Timeout=5"];
  const { code, stderr } = await run([
    "/usr/lib/apt/apt-helper",
    ...patience.flatMap((setting) => ["-o", setting]),
    "download-file",
    upstream,
    partial,
  ]);
  if (code === 0) {
    await rename(partial, path);
    return { kind: "file", path };
  }
  await rm(partial, { force: true });
  if (present !== null) return { kind: "file", path };
  return { kind: "failed", status: /\b404\b/.test(stderr) ? 404 : 502, reason: stderr.trim() };
};

const send = async (path: string, since: string | undefined, response: ServerResponse): Promise<void> => {
  const { size, mtime } = await stat(path);
  const modified = mtime.toUTCString();
  if (since !== undefined && Date.parse(since) >= Date.parse(modified)) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { "content-length": size, "last-modified": modified });
  await new Promise<void>((resolve) => {
    response.on("close", resolve);
    createReadStream(path)
      .on("error", () => response.destroy())
      .pipe(response);
  });
};

/** https archives of the user's own pass through uncached. */
const tunnel = (request: IncomingMessage, client: Duplex, head: Buffer): void => {
  const target = new URL(`http://${request.url ?? ""}`);
  const upstream = connect(Number(target.port === "" ? "80" : target.port), target.hostname, () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.write(head);
    upstream.pipe(client);
    client.pipe(upstream);
  });
  upstream.on("error", () => client.destroy());
  client.on("error", () => upstream.destroy());
  client.on("close", () => upstream.destroy());
};
