import { atLeast, type Version } from "../version.ts";

/**
 * An address with its port. IPv6 stands in brackets, because the last part of a bare one could be meant as a port; before
 * 1.7 HAProxy knows no brackets and takes whatever stands behind the last colon for the port.
 */
export const placeText = (address: string, port: number | null, version: Version): string => {
  if (!/^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:/.test(address)) return port === null ? address : `${address}:${port}`;
  if (!atLeast(version, [1, 7, 0])) return `${address}:${port ?? ""}`;
  return port === null ? `[${address}]` : `[${address}]:${port}`;
};
