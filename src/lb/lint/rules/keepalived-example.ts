/** What differs from a minimal instance in an example of a keepalived.conf. */
export interface ExampleInstance {
  /** Lines of global_defs; empty: there is no such block. */
  readonly globals?: readonly string[];
  /** Blocks before the instance, as text. */
  readonly before?: string;
  readonly name?: string;
  readonly state?: "MASTER" | "BACKUP";
  readonly interface?: string;
  /** null: the line is missing. */
  readonly virtualRouterId?: number | null;
  readonly priority?: number;
  readonly addresses?: readonly string[];
  /** Further lines of the instance. */
  readonly lines?: readonly string[];
}

/** A minimal keepalived.conf that is sound but for what an example is about. */
export const exampleConf = ({
  globals = [],
  before = "",
  name = "VI_1",
  state = "BACKUP",
  interface: dev = "eth0",
  virtualRouterId = 77,
  priority = 254,
  addresses = ["192.0.2.100/32"],
  lines = [],
}: ExampleInstance = {}): string =>
  [
    ...(globals.length === 0 ? [] : ["global_defs {", ...indented(globals), "}"]),
    ...(before === "" ? [] : [before]),
    `vrrp_instance ${name} {`,
    ...indented([
      `state ${state}`,
      `interface ${dev}`,
      ...(virtualRouterId === null ? [] : [`virtual_router_id ${virtualRouterId}`]),
      `priority ${priority}`,
      ...lines,
      ...(addresses.length === 0 ? [] : ["virtual_ipaddress {", ...indented(addresses), "}"]),
    ]),
    "}",
    "",
  ].join("\n");

/** A vrrp_script as text, for `before`. */
export const exampleScript = (lines: readonly string[], name = "chk_haproxy"): string =>
  [`vrrp_script ${name} {`, ...indented(lines), "}"].join("\n");

/** A block of one keyword with a line for each entry, for `lines`. */
export const exampleBlock = (keyword: string, entries: readonly string[]): readonly string[] => [
  `${keyword} {`,
  ...indented(entries),
  "}",
];

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `    ${line}`);
