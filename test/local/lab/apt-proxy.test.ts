import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AptProxy, cacheEntry, startAptProxy } from "../../../src/lab/apt-proxy.ts";

test.each([
  [
    "http://deb.example/debian/pool/t/tree_2.1_amd64.deb",
    "deb.example/debian/pool/t/tree_2.1_amd64.deb",
    true,
  ],
  [
    "http://deb.example/debian/pool/h/h_2%3a1+deb12~1_amd64.deb",
    "deb.example/debian/pool/h/h_2%3a1+deb12~1_amd64.deb",
    true,
  ],
  [
    "http://deb.example/d/dists/b/main/by-hash/SHA256/aa",
    "deb.example/d/dists/b/main/by-hash/SHA256/aa",
    true,
  ],
  ["http://deb.example:8080/d/dists/b/InRelease", "deb.example_8080/d/dists/b/InRelease", false],
])("The answer to %s has its place in the cache", (url, path, immutable) => {
  expect(cacheEntry(url, [])).toEqual({ path, upstream: url, immutable });
});

test("A host that has https is asked so", () => {
  expect(cacheEntry("http://deb.example/x", ["deb.example"])?.upstream).toBe("https://deb.example/x");
});

test.each([
  "/debian/InRelease",
  "https://deb.example/x",
  "ftp://deb.example/x",
  "http://deb.example/pool/",
  "http://deb.example/x?y=z",
  "http://deb.example/a|b",
  "http://[::1]/x",
  "",
])("%j is no file of an archive", (url) => {
  expect(cacheEntry(url, [])).toBe(null);
});

test("A path never leads out of the cache", () => {
  const urls = ["http://deb.example/../../etc/passwd", "http://deb.example/a/%2e%2e/..%2f%2e%2E/etc/passwd"];
  expect(urls.map((url) => cacheEntry(url, [])?.path)).toEqual([
    "deb.example/etc/passwd",
    "deb.example/..%2f%2e%2E/etc/passwd",
  ]);
});

let cache = "";
let proxy: AptProxy;
/** Nothing listens there: the network is gone. */
let dead = "";

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "lbplay-proxy-"));
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  dead = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  await new Promise((resolve) => server.close(resolve));
  // A day later: every index is old.
  const now = (): number => Date.now() + 24 * 3_600_000;
  proxy = await startAptProxy({ address: "127.0.0.1", port: 0, cache, secureHosts: [], now });
});

afterAll(async () => {
  await proxy.close();
  await rm(cache, { recursive: true });
});

const put = async (path: string, text: string): Promise<void> => {
  const file = join(cache, dead.replace(":", "_"), path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await utimes(file, 1_700_000_000, 1_700_000_000);
};

const ask = (path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port: proxy.port, path, headers }, (response) => {
      let body = "";
      response.on("data", (part) => {
        body += String(part);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asking.on("error", reject).end();
  });

test("A package in the cache is served without a network", async () => {
  await put("/pool/tree_1_amd64.deb", "a package");
  expect(await ask(`http://${dead}/pool/tree_1_amd64.deb`)).toEqual({ status: 200, body: "a package" });
});

test("An old index is served when no newer one can be had, and not again to who has it", async () => {
  await put("/dists/b/InRelease", "an index");
  expect(await ask(`http://${dead}/dists/b/InRelease`)).toEqual({ status: 200, body: "an index" });
  const since = { "if-modified-since": new Date(1_700_000_000_000).toUTCString() };
  expect(await ask(`http://${dead}/dists/b/InRelease`, since)).toEqual({ status: 304, body: "" });
  const older = { "if-modified-since": new Date(1_600_000_000_000).toUTCString() };
  expect((await ask(`http://${dead}/dists/b/InRelease`, older)).status).toBe(200);
});

test("What is neither in the cache nor to be had fails, and leaves nothing in the cache", async () => {
  expect((await ask(`http://${dead}/empty/none_1_amd64.deb`)).status).toBe(502);
  expect(await readdir(join(cache, dead.replace(":", "_"), "empty"))).toEqual([]);
});

test("Anything but a file of an archive is refused", async () => {
  expect((await ask("/status")).status).toBe(400);
});
