/** The version of a daemon: major, minor, patch. */
export type Version = readonly [number, number, number];

/** The first dotted number in what a daemon says about itself (`HAProxy version 2.6.12-1+deb12u4 …`); null without one. */
export const parseVersion = (text: string): Version | null => {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
};

/** Whether `version` is `wanted` or newer. */
export const atLeast = (version: Version, wanted: Version): boolean => {
  for (const part of [0, 1, 2] as const) {
    if (version[part] !== wanted[part]) return version[part] > wanted[part];
  }
  return true;
};

/** `2.6`, or `2.0.14` where the patch level matters. */
export const versionText = ([major, minor, patch]: Version): string =>
  patch === 0 ? `${major}.${minor}` : `${major}.${minor}.${patch}`;
