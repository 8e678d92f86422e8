import type { TestLab } from "./lab-fixture.ts";

/** A source archive as Debian's index names it. */
export interface SourceArchive {
  readonly url: string;
  readonly checksum: string;
  readonly version: string;
}

/** Source archives of Debian's packages, as a node gets them. */
export interface SourceArchives {
  /** The proxy by which the node reaches Debian's mirror. */
  readonly proxy: string;
  /**
   * The source archive of a package, which the node has got once: mirrors keep indexes of sources that they dropped, so
   * that the first version that is really there counts.
   */
  readonly of: (name: string) => Promise<SourceArchive>;
}

/** Lets a node know of sources. */
export const sourceArchives = async (lab: TestLab, node: string): Promise<SourceArchives> => {
  await lab.output(
    node,
    "sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >/etc/apt/sources.list.d/sources.list && apt-get update",
  );
  const shown = await lab.output(node, "apt-config shell p Acquire::http::Proxy");
  const proxy = shown.replace(/^p='|'\s*$/g, "");
  return {
    proxy,
    of: async (name) => {
      const versions = await lab.output(
        node,
        `apt-cache showsrc ${name} | sed -n 's/^Version: //p' | sort -ru`,
      );
      const tried: string[] = [];
      for (const packaged of versions.trim().split("\n")) {
        const listed = await lab.output(node, `apt-get source --print-uris ${name}=${packaged}`);
        const [, url, version, digest] =
          /'([^']+_([0-9.]+)\.orig\.tar\.gz)' \S+ \d+ SHA256:([0-9a-f]{64})/.exec(listed) ?? [];
        if (url === undefined || version === undefined || digest === undefined) continue;
        if ((await lab.exec(node, `curl -fsS -x ${proxy} -o /dev/null ${url}`)).code === 0)
          return { url, version, checksum: `sha256:${digest}` };
        tried.push(url);
      }
      throw new Error(`no source archive of ${name} can be had; tried: ${tried.join(" ")}`);
    },
  };
};
