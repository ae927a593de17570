import { toTimestamp } from "#platform/clock";
import { isReservedEvent } from "#realtime/core/access";
import { MAX_CHANNELS } from "#realtime/core/frames";
import type { ClientData } from "#realtime/core/frames";
import type { GatewayPorts, TaskFrame } from "#realtime/core/gateway-ports";
import { FROM_HERE } from "#realtime/core/joining";
import { GatewayChannels } from "./gateway-channels";
import type { Line } from "#realtime/core/line";

/** What a socket asks of channels and of tasks, beside taking part. */
export class GatewayQuestions extends GatewayChannels {
  protected readonly ports: GatewayPorts;

  constructor(ctx: DurableObjectState, env: Env, ports: GatewayPorts) {
    super(ctx, env);
    this.ports = ports;
  }

  protected readonly publish = async (
    line: Line,
    requestId: string | null,
    data: ClientData["publish"],
  ): Promise<void> => {
    const channel = await this.enter(line, requestId, data.channel, "publish");
    if (channel === null) return;
    if (isReservedEvent(data.event)) {
      this.refuse(line, requestId, "CHANNEL_FORBIDDEN", { data: { channel: channel.name } });
      return;
    }
    const { ownerId } = line.attachment.identity;
    const { offset, isDuplicate } = await this.channelOf(channel.name).publish({
      channel: channel.name,
      event: data.event,
      payloadJson: JSON.stringify(data.payload),
      messageId: data.message_id ?? null,
      publisher: ownerId,
      cause: null,
    });
    const duplicate = isDuplicate && { duplicate: true };
    this.answer(line, "ack", requestId, { channel: channel.name, offset, ...duplicate });
  };

  protected readonly presence = async (
    line: Line,
    requestId: string | null,
    name: string,
  ): Promise<void> => {
    const channel = await this.enter(line, requestId, name, "subscribe");
    if (channel === null) return;
    const { members, count } = await this.channelOf(channel.name).presence(channel.name);
    const listed = members.map(({ user_id, since_ms, connection_id }) => ({
      user_id,
      connection_id,
      since: toTimestamp(since_ms),
    }));
    this.answer(line, "presence", requestId, { channel: channel.name, members: listed, count });
  };

  protected readonly history = async (
    line: Line,
    requestId: string | null,
    data: ClientData["history"],
  ): Promise<void> => {
    const channel = await this.enter(line, requestId, data.channel, "subscribe");
    if (channel === null) return;
    const { name } = channel;
    const { events, ...place } = await this.channelOf(name).history(
      name,
      data.since ?? null,
      data.limit,
      data.order ?? null,
    );
    const parsed = events.map((event) => JSON.parse(event.dataJson) as unknown);
    this.answer(line, "history", requestId, { channel: name, ...place, events: parsed });
  };

  protected readonly tasks = async (line: Line, frame: TaskFrame): Promise<void> => {
    const { request_id: requestId } = frame;
    const isSubmission = frame.type === "task.submit";
    if (isSubmission && line.attachment.subscriptions.length >= MAX_CHANNELS) {
      this.refuse(line, requestId, "TOO_MANY_CHANNELS", { params: { max: MAX_CHANNELS } });
      return;
    }
    const answer = await this.ports.tasks(frame, line.attachment.identity);
    if (!answer.ok) {
      const { code, params, errors, retryAfterMs } = answer;
      const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
      this.refuse(line, requestId, code, { params, ...retry, ...(errors && { data: { errors } }) });
      return;
    }
    const { taskId, status } = answer;
    const channel = `task:${taskId}`;
    this.answer(line, "ack", requestId, { task_id: taskId, status, channel });
    // Whoever submits follows: everything from the first state on comes by itself.
    if (isSubmission) await this.subscribe(line, null, channel, FROM_HERE);
  };
}
