import type { HeaderPair } from "./core/hop-by-hop";
import { TICKET_PREFIX } from "./core/request-headers";
import { responseHeaders } from "./core/response-headers";
import { passAnswer } from "./answer";
import { callUpstream } from "./forward";
import type { Forwarding, ForwardPorts } from "./forward";
import { relaySockets } from "./relay-socket";

/**
 * Opens a WebSocket to the upstream and joins it with the client's. It takes one of the caller's places for streams, and
 * ends when that is lost. An upstream that does not become one answers as it would any other request.
 */
export async function answerUpgrade(
  ports: ForwardPorts,
  forwarding: Forwarding,
): Promise<Response> {
  const held = await ports.hold();
  const release = (): Promise<void> => held.release().catch(() => undefined);
  try {
    const upgrade: HeaderPair = ["upgrade", "websocket"];
    const headers = [...forwarding.headers, upgrade];
    const answered = await callUpstream(ports, forwarding, headers);
    const { response, calledUrl } = answered;
    if (response.webSocket === null) {
      ports.waitUntil(release());
      return await passAnswer(ports, forwarding, answered, { cacheNote: null });
    }
    const [client, ours] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    const over = relaySockets(ours, response.webSocket, held, ports.egress.timer);
    ports.waitUntil(over.then(release));
    const { prefix, view } = forwarding;
    const place = { prefix, calledUrl, targets: view.upstream.targets.map(({ url }) => url) };
    const answer = new Headers();
    for (const [name, value] of responseHeaders([...response.headers], place))
      answer.append(name, value);
    const protocol =
      response.headers.get("sec-websocket-protocol") ?? onlyTicket(forwarding.arrival.request);
    if (protocol !== null) answer.set("sec-websocket-protocol", protocol);
    return new Response(null, { status: 101, webSocket: client, headers: answer });
  } catch (error) {
    ports.waitUntil(release());
    throw error;
  }
}

/**
 * What a client offered that offered nothing but its ticket, of which the upstream knows nothing; null for any other. A
 * browser takes no socket for which none of what it offered was chosen (WebSockets standard, "establish").
 */
function onlyTicket({ headers }: Request): string | null {
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((one) => one.trim());
  return offered.every((one) => one.startsWith(TICKET_PREFIX)) ? (offered[0] ?? null) : null;
}
