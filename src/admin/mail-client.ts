import type { Config } from "#platform/config";
import { createLogger, describeError } from "#platform/log";

/** The platform's `send_email` binding, where the deployment has one by the name of EMAIL. */
interface MailBinding {
  readonly send: (message: {
    readonly from: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
  }) => Promise<unknown>;
}

/** Whether the deployment can mail reset links: it has the binding, a sender and a page. */
export const canMail = (env: object, config: Config): boolean =>
  (env as { readonly EMAIL?: MailBinding }).EMAIL !== undefined &&
  config.emailFrom !== "" &&
  config.resetPageUrl !== "";

/**
 * Sends a person the link that sets a new password: the deployment's own page, with the token behind `#`, where no server
 * and no log sees it. False where the deployment has no binding, sender or page, and where the mail was not taken.
 */
export async function mailResetLink(
  env: object,
  config: Config,
  to: string,
  token: string,
): Promise<boolean> {
  const binding = (env as { readonly EMAIL?: MailBinding }).EMAIL;
  const { emailFrom: from, resetPageUrl } = config;
  if (binding === undefined || !canMail(env, config)) return false;
  const link = `${resetPageUrl}#token=${token}`;
  try {
    await binding.send({
      from,
      to,
      subject: "비밀번호 재설정 / Set a new password",
      text: `아래 링크에서 새 비밀번호를 정할 수 있습니다. 한 시간 동안 한 번만 쓸 수 있습니다.\nSet a new password by this link. It works once, for an hour.\n\n${link}\n`,
    });
    return true;
  } catch (error) {
    // The administrator learns of it from the answer, and has the token.
    createLogger(config.logLevel).warn("mail.not_sent", describeError(error));
    return false;
  }
}
