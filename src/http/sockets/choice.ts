/** Which requests for an upgrade are taken as one. All others are ordinary requests. */
import type { IncomingMessage, ServerOptions } from 'node:http';

type Wants = (req: IncomingMessage) => boolean;

export const upgradeOptions = (wants: Wants, version = process.versions.node): ServerOptions =>
  asks(version) ? { shouldUpgradeCallback: wants } : { IncomingMessage: choosingMessage(wants) };

/** Whether this Node asks; an older one takes all of them as soon as somebody listens for any. */
const asks = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 9);
};

/** An older Node looks at the message's own `upgrade` when method, address and headers are there: so the message answers. */
const choosingMessage = (wants: Wants): typeof IncomingMessage => {
  const { IncomingMessage: Message } = process.getBuiltinModule('node:http');
  const offered = new WeakSet<IncomingMessage>();
  class ChoosingMessage extends Message {}
  // No accessor of the class: Node's types have it as a property, which Node's constructor sets.
  Object.defineProperty(ChoosingMessage.prototype, 'upgrade', {
    get(this: IncomingMessage) {
      return offered.has(this) && (this.method === 'CONNECT' || wants(this));
    },
    set(this: IncomingMessage, isOffered: boolean) {
      if (isOffered) offered.add(this);
    },
  });
  return ChoosingMessage;
};
