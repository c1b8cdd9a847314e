// A mail server of the tests: it takes what the program sends and shows it as
// people read it.
import { createServer } from 'node:net';
import { once } from 'node:events';
import { until } from './until.mjs';

/** Undoes quoted-printable and base64, as UTF-8. */
function decoded(body, encoding) {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(encoding)) return body;
  const raw = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(raw, 'latin1').toString('utf8');
}

/** The text part of a message. */
function readable(source) {
  const [, head, body] = source.match(/^([\s\S]*?)\r\n\r\n([\s\S]*)$/) ?? [];
  const boundary = head?.match(/boundary="?([^"\r\n;]+)/i)?.[1];
  if (boundary) {
    const parts = body.split(`--${boundary}`).map((part) => part.replace(/^\r\n/, ''));
    return readable(parts.find((part) => /^content-type: text\/plain/im.test(part)) ?? parts[1]);
  }
  return decoded(body ?? '', head.match(/^content-transfer-encoding: (.*)$/im)?.[1] ?? '');
}

/** The headers of a message by their names in lower case, unfolded. */
function headers(source) {
  const head = source.slice(0, source.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return Object.fromEntries(head.split('\r\n').map((line) => line.match(/^([^:]+):\s*(.*)$/)).filter(Boolean).map(([, name, value]) => [name.toLowerCase(), value]));
}

export class Mailbox {
  /** What came, the oldest first: to, text and headers. */
  mails = [];
  #server;

  /** Opens at a free port, or at one where there was a mailbox before. */
  static async open(port = 0) {
    const box = new Mailbox();
    box.#server = createServer((socket) => box.#serve(socket)).listen(port, '127.0.0.1');
    await once(box.#server, 'listening');
    return box;
  }

  get port() {
    return this.#server.address().port;
  }

  /** What makes the program send its mail here. */
  get env() {
    return {
      HIENKE_MAIL_HOST: '127.0.0.1', HIENKE_MAIL_PORT: String(this.port), HIENKE_MAIL_TLS: 'none', HIENKE_MAIL_FROM: 'hienke@example.vn',
    };
  }

  /** SMTP, as far as a client that is well needs it. */
  #serve(socket) {
    let waiting = '';
    let data; // lines of a message under way
    let to = '';
    socket.setEncoding('latin1').on('error', () => {}).write('220 mailbox\r\n');
    const line = (text) => {
      if (data) {
        if (text !== '.') return data.push(text.replace(/^\./, ''));
        const source = data.join('\r\n');
        this.mails.push({ to, text: readable(source), headers: headers(source) });
        data = undefined;
        return socket.write('250 kept\r\n');
      }
      const verb = text.slice(0, 4).toUpperCase();
      if (verb === 'RCPT') to = text.match(/<([^>]*)>/)[1];
      if (verb === 'DATA') data = [];
      if (verb === 'QUIT') return socket.end('221 bye\r\n');
      return socket.write(verb === 'DATA' ? '354 go on\r\n' : '250 well\r\n');
    };
    socket.on('data', (part) => {
      waiting += part;
      const lines = waiting.split('\r\n');
      waiting = lines.pop();
      lines.forEach(line);
    });
  }

  /** Waits for a mail to an address that holds a link, and returns the newest link. */
  link(address, after = 0) {
    return until(
      () => this.mails.slice(after).filter((mail) => mail.to === address).at(-1)?.text.match(/https?:\/\/\S+\/staff\/link\/\S+/)?.[0],
      `a mail with a link comes to ${address}`,
    );
  }

  /** Waits for a mail to an address that says something, after the first mails, and returns it with what it says. */
  said(address, pattern, after = 0) {
    return until(
      () => this.mails.slice(after).filter((mail) => mail.to === address).map((mail) => ({ ...mail, said: mail.text.match(pattern)?.[0] })).find((mail) => mail.said),
      `a mail with ${pattern} comes to ${address}`,
    );
  }

  close() {
    this.#server.close();
  }
}
