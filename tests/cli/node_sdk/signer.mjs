// usage: signer.mjs READY CERTIFICATE KEY EMULATOR_PORT LOG
// Stands between certprep and the emulator: signs each request anew with the official SDK's own
// signer, compares, and passes it on. LOG gets a line a request: ACTION QUERY|FORM same|differs.
// READY gets the port. Knows the emulator's standard credential only.
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import core from '@alicloud/openapi-core';

const [ready, certificateFile, keyFile, emulatorPort, log] = process.argv.slice(2);
const secrets = { testAK: 'testSK' };

// "a=b&c": what is percent-encoded, decoded; a plus sign is no space here.
function decode(encoded) {
  const pairs = {};
  for (const part of encoded === '' ? [] : encoded.split('&')) {
    const [name, ...value] = part.split('=');
    pairs[decodeURIComponent(name)] = decodeURIComponent(value.join('='));
  }
  return pairs;
}

function authorizationOf(request, body) {
  const [path, query = ''] = request.url.split('?');
  const keyId = /Credential=([^,]*)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const { authorization, ...headers } = request.headers;
  const wanted = { pathname: path, method: request.method, query: decode(query), headers };
  const hash = createHash('sha256').update(body).digest('hex');
  return core.OpenApiUtil.getAuthorization(wanted, 'ACS3-HMAC-SHA256', hash, keyId, secrets[keyId] ?? '');
}

const server = https.createServer(
  { cert: readFileSync(certificateFile), key: readFileSync(keyFile), maxHeaderSize: 65536 },
  (request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const isSame = authorizationOf(request, body) === request.headers.authorization;
      const place = body.length === 0 ? 'query' : 'form';
      appendFileSync(log, `${request.headers['x-acs-action']} ${place} ${isSame ? 'same' : 'differs'}\n`);
      const on = https.request(
        { host: '127.0.0.1', port: emulatorPort, method: request.method, path: request.url, headers: request.headers },
        (reply) => {
          response.writeHead(reply.statusCode, reply.headers);
          reply.pipe(response);
        },
      );
      on.on('error', () => response.destroy());
      on.end(body);
    });
  },
);
server.listen(0, '127.0.0.1', () => {
  writeFileSync(`${ready}.new`, `${server.address().port}\n`);
  renameSync(`${ready}.new`, ready);
});
