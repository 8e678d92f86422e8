/** The Debian release of every node, whatever the host runs: the same lab everywhere. */
export const SUITE = "bookworm";

/** Where Debian's archive signs with; also needed on an Ubuntu host. */
export const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** One archive: where it is, and its suites. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
}

/** How nodes get packages. */
export interface AptSetup {
  /** The first is Debian's main archive. */
  readonly sources: readonly AptSource[];
  /** apt.conf lines of the host that decide whether an archive is trusted to be current. */
  readonly settings: readonly string[];
}

const DEBIAN: readonly AptSource[] = [
  { uri: "http://deb.debian.org/debian", suites: [SUITE, `${SUITE}-updates`] },
  { uri: "http://deb.debian.org/debian-security", suites: [`${SUITE}-security`] },
];

/** `deb [options] uri suite components` */
const parseOneLine = (text: string): readonly AptSource[] =>
  text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
    return match?.[1] === undefined || match[2] === undefined ? [] : [{ uri: match[1], suites: [match[2]] }];
  });

/** Stanzas of `Key: value`, with comments and continued lines. */
const parseStanzas = (text: string): readonly AptSource[] =>
  text.split(/\n\s*\n/).flatMap((stanza) => {
    const lines = stanza.split("\n").filter((line) => !line.startsWith("#"));
    const fields = new Map<string, string>();
    let key = "";
    for (const line of lines) {
      const field = /^([A-Za-z-]+):(.*)$/.exec(line);
      key = field?.[1]?.toLowerCase() ?? key;
      fields.set(key, `${fields.get(key) ?? ""} ${field?.[2] ?? line}`.trim());
    }
    const words = (name: string): readonly string[] =>
      (fields.get(name) ?? "").split(/\s+/).filter((word) => word !== "");
    if (!words("types").includes("deb") || words("enabled")[0] === "no") return [];
    return words("uris").map((uri) => ({ uri, suites: words("suites") }));
  });

const withoutSlash = (uri: string): string => uri.replace(/\/+$/, "");

/**
 * The archives from which a host gets this suite (a company's mirror, a snapshot), or Debian's own where it
 * has none, as on Ubuntu. `files` are the texts of sources.list and sources.list.d, by name.
 */
export const hostSources = (files: ReadonlyMap<string, string>): readonly AptSource[] => {
  const all = [...files].flatMap(([name, text]) =>
    name.endsWith(".sources") ? parseStanzas(text) : parseOneLine(text),
  );
  const ours = all.flatMap(({ uri, suites }) => {
    const kept = suites.filter(
      (suite) => suite === SUITE || suite === `${SUITE}-updates` || suite === `${SUITE}-security`,
    );
    return /^https?:\/\//.test(uri) && kept.length > 0 ? [{ uri: withoutSlash(uri), suites: kept }] : [];
  });
  const main = ours.filter(({ suites }) => suites.includes(SUITE));
  // A third party may have a suite of the same name; Debian's own archives end in these words.
  const debian = ours.filter(({ uri }) => /\/debian(-security)?(\/|$)/.test(uri));
  return main.some((source) => debian.includes(source))
    ? debian.toSorted((a, b) => Number(b.suites.includes(SUITE)) - Number(a.suites.includes(SUITE)))
    : DEBIAN;
};

/** The settings of an `apt-config dump` that a node needs to trust the same archives as its host. */
export const hostSettings = (dump: string): readonly string[] =>
  dump.split("\n").filter((line) => /^Acquire::(Check-Valid-Until|Check-Date|Max-ValidTime)\b/.test(line));

/** An archive as nodes see it: plain http, because the lab's proxy makes it https where the host has it so. */
const plain = (uri: string): string => uri.replace(/^https:/, "http:");

/** The hosts that the proxy asks by https. */
export const secureHosts = (sources: readonly AptSource[]): readonly string[] => [
  ...new Set(sources.filter(({ uri }) => uri.startsWith("https:")).map(({ uri }) => new URL(uri).host)),
];

/** debootstrap's mirror. */
export const mainMirror = ({ sources }: AptSetup): string =>
  plain(sources[0]?.uri ?? "http://deb.debian.org/debian");

/** A node's sources.list. */
export const sourcesList = ({ sources }: AptSetup): string =>
  sources
    .flatMap(({ uri, suites }) =>
      suites.map((suite) => `deb [signed-by=${KEYRING}] ${plain(uri)} ${suite} main\n`),
    )
    .join("");

/** A node's apt.conf, the same in every lab. */
export const aptConfiguration = ({ settings }: AptSetup): string =>
  [
    ...settings,
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    // The proxy answers when it has the whole file.
    'Acquire::http::Timeout "300";',
    "",
  ].join("\n");

/** A node's apt.conf for one lab. */
export const aptProxyLine = (address: string, port: number): string =>
  `Acquire::http::Proxy "http://${address}:${port}";\n`;
