import type { Config } from "#platform/config";
import { normalizeEmail } from "./core/email";
import { hashPassword, verifyPassword } from "./passwords";
import type { IdentityDeps } from "./sessions";
import { createUser, findUserByEmail, writeUser } from "./users";
import type { User } from "./users";

/** Whether a name is the one of the account that development has by itself. In production the settings have none. */
export const isDevelopmentAdmin = (
  config: Pick<Config, "adminEmail" | "adminPassword">,
  email: string,
): boolean =>
  config.adminEmail !== "" &&
  config.adminPassword !== "" &&
  normalizeEmail(email) === normalizeEmail(config.adminEmail);

/**
 * Makes the admin account of development, or brings it in line with `ADMIN_PASSWORD`: whoever makes new local settings
 * beside an old database gets in with what they say. Null where there is none to make.
 */
export async function ensureDevelopmentAdmin(
  deps: Pick<IdentityDeps, "env" | "config" | "clock">,
): Promise<User | null> {
  const { adminEmail, adminPassword } = deps.config;
  if (!isDevelopmentAdmin(deps.config, adminEmail)) return null;
  const { DB } = deps.env;
  const found = await findUserByEmail(DB, adminEmail);
  if (found === null) {
    const created = await createUser(
      DB,
      {
        email: adminEmail,
        name: "Admin",
        passwordHash: await hashPassword(adminPassword),
        role: "admin",
      },
      deps.clock(),
    );
    // Somebody else's first request made it.
    return created.ok ? created.value : findUserByEmail(DB, adminEmail);
  }
  const { isRight, isOutdated } = await verifyPassword(adminPassword, found.passwordHash);
  if (isRight && !isOutdated) return found;
  const passwordHash = await hashPassword(adminPassword);
  return writeUser(DB, found.id, found.version, { passwordHash, role: "admin" }, deps.clock());
}
