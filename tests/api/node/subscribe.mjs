// Subscribes as an unmodified client does; prints "ready", and then each result, as a line of JSON.
//
//   node subscribe.mjs <graphql-ws | graphql-sse> <url> <key> <operation>
import { createClient as createSocket } from 'graphql-ws';
import { createClient as createStream } from 'graphql-sse';
import WebSocket from 'ws';

const [client, url, key, query] = process.argv.slice(2);
const say = value => console.log(JSON.stringify(value));
const sink = {
  next: result => say(result),
  error: error => { say({ error: Array.isArray(error) ? error : { code: error.code, reason: error.reason, message: error.message } }); process.exit(0); },
  complete: () => { say('complete'); process.exit(0); },
};
const authorization = `Bearer ${key}`;

if (client === 'graphql-ws') {
  const socket = createSocket({
    url: url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: { authorization }, retryAttempts: 0,
  });
  socket.on('connected', () => say('ready'));
  socket.subscribe({ query }, sink);
} else {
  const stream = createStream({ url, headers: { authorization }, retryAttempts: 0, onMessage: () => {} });
  stream.subscribe({ query }, sink);
  say('ready');
}
