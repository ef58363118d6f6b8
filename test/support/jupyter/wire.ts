import { createHmac, randomUUID } from "node:crypto";

/** A Jupyter message header (messaging specification 5.3). */
export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  version: string;
  date: string;
}

/** One message, with the channel it arrived on. */
export interface Message {
  channel: "shell" | "control" | "iopub";
  header: Header;
  parent_header: Partial<Header>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
}

const DELIMITER = "<IDS|MSG>";
const session = randomUUID();

function sign(key: string, parts: readonly (Buffer | string)[]): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** Makes the header of a new request. */
export function newHeader(msgType: string): Header {
  return {
    msg_id: randomUUID(),
    msg_type: msgType,
    session,
    username: "test",
    version: "5.3",
    date: new Date().toISOString(),
  };
}

/** Turns a request into the frames that go onto the wire. */
export function encode(
  key: string,
  header: Header,
  content: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): string[] {
  return signed(
    key,
    [header, {}, metadata, content].map((part) => JSON.stringify(part)),
  );
}

/** The frames of anything that is signed with the right key. */
export function signed(key: string, parts: readonly string[]): string[] {
  return [DELIMITER, sign(key, parts), ...parts];
}

/** Turns frames from the wire into a message; throws when the signature or the shape is wrong. */
export function decode(key: string, channel: Message["channel"], frames: readonly Buffer[]): Message {
  const start = frames.findIndex((frame) => frame.toString("latin1") === DELIMITER);
  if (start < 0) throw new Error(`a message without ${DELIMITER} arrived on ${channel}`);
  const signature = frames[start + 1]?.toString("latin1");
  const parts = frames.slice(start + 2);
  if (parts.length < 4) throw new Error(`a message of ${parts.length} parts arrived on ${channel}`);
  const wanted = sign(key, parts);
  if (signature !== wanted) throw new Error(`a message on ${channel} is signed ${signature}, not ${wanted}`);
  const [header, parent_header, metadata, content] = parts.slice(0, 4).map((part) => JSON.parse(part.toString()));
  return { channel, header, parent_header, metadata, content };
}
