/** What `--list-hosts`, `--list-tasks` and `--list-tags` say of one play. */
export interface PlayListing {
  readonly name: string;
  /** The host pattern. */
  readonly pattern: string;
  readonly tags: readonly string[];
  readonly hosts: readonly string[];
  readonly tasks: readonly ListedTask[];
}

/** One task of a listing; `name` begins with its role, as in headings. */
export interface ListedTask {
  readonly name: string;
  readonly tags: readonly string[];
}

/** What is asked to be listed; several may be asked at once. */
export interface ListingRequest {
  readonly hosts: boolean;
  readonly tasks: boolean;
  readonly tags: boolean;
}

/** The plays of a playbook as `ansible-playbook --list-*` prints them. */
export const listingText = (
  playbook: string,
  plays: readonly PlayListing[],
  request: ListingRequest,
): string =>
  [`\nplaybook: ${playbook}\n`, ...plays.map((play, index) => playText(play, index + 1, request))].join("\n");

const playText = (play: PlayListing, number: number, request: ListingRequest): string =>
  [
    `  play #${number} (${play.pattern}): ${play.name}\tTAGS: ${tagText(play.tags)}`,
    ...(request.hosts ? hostLines(play) : []),
    ...(request.tasks ? ["    tasks:", ...play.tasks.map(taskLine)] : []),
    ...(request.tags ? [`      TASK TAGS: ${tagText(play.tasks.flatMap((task) => task.tags))}`] : []),
    "",
  ].join("\n");

const hostLines = (play: PlayListing): readonly string[] => [
  `    pattern: ['${play.pattern}']`,
  `    hosts (${play.hosts.length}):`,
  ...play.hosts.map((host) => `      ${host}`),
];

const taskLine = (task: ListedTask): string => `      ${task.name}\tTAGS: ${tagText(task.tags)}`;

const tagText = (tags: readonly string[]): string => `[${[...new Set(tags)].sort().join(", ")}]`;
