import { userInfo } from "node:os";

/** Who runs this: a login name and a home directory. */
export interface CurrentUser {
  readonly username: string;
  readonly homedir: string;
}

/** Who runs this; a user id without an entry in the user database, as containers have, goes by HOME and USER. */
export const currentUser = (environment: Readonly<Record<string, string | undefined>>): CurrentUser => {
  try {
    return userInfo();
  } catch {
    const { USER, LOGNAME, HOME } = environment;
    return { username: USER ?? LOGNAME ?? "unknown", homedir: HOME ?? "/" };
  }
};
