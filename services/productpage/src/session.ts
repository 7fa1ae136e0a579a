/** Who is logged in, in a signed cookie: nobody can become jason by editing it. */
import { createHmac, timingSafeEqual } from "node:crypto";

export const sessionCookie = "session";

/** Longest user name that is kept, characters. */
export const maxUserLength = 64;

export interface Sessions {
  /** The value of a `set-cookie` header. */
  login(user: string): string;
  logout(): string;
  /** The user named by a request's `cookie` header, where the signature holds. */
  userOf(cookieHeader: string | undefined): string | undefined;
}

export function createSessions(secret: string): Sessions {
  const sign = (payload: string) =>
    createHmac("sha256", secret).update(payload).digest("base64url");
  const attributes = "Path=/; HttpOnly; SameSite=Lax";
  return {
    login: (user) => {
      const payload = Buffer.from(user.slice(0, maxUserLength)).toString("base64url");
      return `${sessionCookie}=${payload}.${sign(payload)}; ${attributes}`;
    },
    logout: () => `${sessionCookie}=; ${attributes}; Max-Age=0`,
    userOf: (cookieHeader) => {
      const [payload, signature] = readCookie(cookieHeader, sessionCookie)?.split(".") ?? [];
      if (!payload || !signature || !equal(signature, sign(payload))) return undefined;
      return Buffer.from(payload, "base64url").toString() || undefined;
    },
  };
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
