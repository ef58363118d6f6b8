import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** A message header of the Jupyter messaging specification 5.3. */
export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  version: string;
  date: string;
}

/** A message that a client sent. Its signature is right; what its content holds is not known yet. */
export interface Request {
  /** ZeroMQ routing prefix: where the reply goes. */
  identities: Buffer[];
  header: Header;
  /** An object, whatever the client has sent. */
  metadata: Record<string, unknown>;
  content: unknown;
}

/** What of a header every answer needs. */
function isHeader(header: unknown): header is Header {
  if (typeof header !== "object" || header === null) return false;
  const { msg_type, msg_id } = header as { [name in keyof Header]: unknown };
  return typeof msg_type === "string" && typeof msg_id === "string";
}

const DELIMITER = Buffer.from("<IDS|MSG>");
const PROTOCOL = "5.3";

/** Signs and encodes messages, decodes and checks them, for one connection. */
export class Wire {
  readonly #session = randomUUID();
  readonly #hash: string;

  constructor(
    readonly key: string,
    scheme: string,
  ) {
    this.#hash = scheme.replace(/^hmac-/, "");
  }

  /** Frames of a message; `parent` is the request that it belongs to. */
  encode(prefix: readonly (Buffer | string)[], msgType: string, parent: Request | undefined, content: object) {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: msgType,
      session: this.#session,
      username: parent?.header.username ?? "kernel",
      version: PROTOCOL,
      date: new Date().toISOString(),
    };
    const parts = [header, parent?.header ?? {}, {}, content].map((part) => JSON.stringify(part));
    return [...prefix, DELIMITER, this.#sign(parts), ...parts];
  }

  /** Throws when the frames are not a message signed with our key, or one that nobody could answer. */
  decode(frames: readonly Buffer[]): Request {
    const delimiter = frames.findIndex((frame) => frame.equals(DELIMITER));
    const [signature, ...parts] = frames.slice(delimiter + 1);
    if (delimiter < 0 || signature === undefined || parts.length < 4) throw new Error("not a Jupyter message");
    const wanted = Buffer.from(this.#sign(parts));
    if (signature.length !== wanted.length || !timingSafeEqual(signature, wanted)) throw new Error("wrong signature");
    const [header, , metadata, content] = parts.slice(0, 4).map((part) => JSON.parse(part.toString()));
    if (!isHeader(header)) throw new Error("a message whose header does not say what it asks for");
    return { identities: frames.slice(0, delimiter), header, metadata: { ...metadata }, content };
  }

  /** An empty key means that messages are not signed. */
  #sign(parts: readonly (Buffer | string)[]): string {
    if (this.key === "") return "";
    const hmac = createHmac(this.#hash, this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}
