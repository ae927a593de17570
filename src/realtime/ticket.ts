import { equalTexts, sha256Hex, toBase32 } from "#platform/bytes";
import type { Config } from "#platform/config";
import { hmacSha256, importHmacKey } from "#platform/hmac";
import { randomBase32 } from "#platform/ids";
import { gatewayName } from "./core/gateway-name";

/** Seconds in which a ticket has to be used. */
export const TICKET_SECONDS = 30;
/** Subprotocol that carries a ticket beside `naru.v1`: a browser can set no header on a WebSocket. */
export const TICKET_PROTOCOL = "naru.ticket.";

const RANDOM_BYTES = 20;
const TAG_CHARS = 12;
const FORM = /^(\d{1,4})\.([0-9a-z]{32})\.([0-9a-z]{12})$/;

/** A ticket as its bearer holds it, and the name that its gateway keeps it under: whoever reads storage can't use it. */
export interface Ticket {
  readonly gateway: string;
  readonly text: string;
  readonly hash: string;
}

/** A new ticket for a gateway: its number, chance, and a keyed tag by which a made-up one is refused without asking any object. */
export async function mintTicket(
  config: Pick<Config, "secretKey">,
  gatewayNumber: number,
): Promise<Ticket> {
  const body = `${gatewayNumber}.${randomBase32(RANDOM_BYTES)}`;
  return ticketOf(`${body}.${await tagOf(config, body)}`, gatewayNumber);
}

/** The ticket in a text, or null where it is none of ours. */
export async function readTicket(
  config: Pick<Config, "secretKey" | "realtimeGateways">,
  text: string,
): Promise<Ticket | null> {
  const [, number = "", random = "", tag = ""] = FORM.exec(text) ?? [];
  if (number === "" || Number(number) >= config.realtimeGateways) return null;
  if (!equalTexts(tag, await tagOf(config, `${number}.${random}`))) return null;
  return ticketOf(text, Number(number));
}

const ticketOf = async (text: string, gatewayNumber: number): Promise<Ticket> => ({
  gateway: gatewayName(gatewayNumber),
  text,
  hash: await sha256Hex(text),
});

async function tagOf({ secretKey }: Pick<Config, "secretKey">, body: string): Promise<string> {
  const mac = await hmacSha256(await importHmacKey(secretKey), `realtime ticket ${body}`);
  return toBase32(mac).slice(0, TAG_CHARS);
}
