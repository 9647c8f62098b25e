// usage: create.mjs PORT CERTIFICATE KEY LOG
// The official SDK creates an upload, a free and a cas hostname, and meets an error; the emulator's
// log, which has ids as text, is the witness. Exit 0 if all is as expected.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import esa from '@alicloud/esa20240910';
import core from '@alicloud/openapi-core';

const [port, certificateFile, keyFile, logFile] = process.argv.slice(2);
const client = new esa.default(
  new core.$OpenApiUtil.Config({
    accessKeyId: 'testAK',
    accessKeySecret: 'testSK',
    endpoint: `127.0.0.1:${port}`,
    protocol: 'HTTPS',
    readTimeout: 10000,
    connectTimeout: 5000,
  }),
);
const ids = { siteId: 1234567890123, recordId: 4042843419650112 };
const request = (fields) => new esa.CreateCustomHostnameRequest({ ...ids, ...fields });

function lastLogLine() {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return Object.fromEntries(
    [...lines.at(-1).matchAll(/ ([a-z0-9_]+)=("[^"]*"|[^ ]*)/g)].map((match) => [match[1], match[2]]),
  );
}

const requests = {
  'upload.shop.example': {
    sslFlag: 'on',
    certType: 'upload',
    certificate: readFileSync(certificateFile, 'utf8'),
    privateKey: readFileSync(keyFile, 'utf8'),
  },
  'free.shop.example': { sslFlag: 'on', certType: 'free' },
  'cas.shop.example': { sslFlag: 'on', certType: 'cas', casId: 30000478, casRegion: 'cn-hangzhou' },
  '*.off.example': { sslFlag: 'off' },
};

for (const [hostname, fields] of Object.entries(requests)) {
  const reply = await client.createCustomHostname(request({ hostname, ...fields }));
  const logged = lastLogLine();
  assert.equal(reply.statusCode, 200, hostname);
  assert.equal(reply.body.hostname, hostname);
  assert.equal(logged.hostname, hostname);
  assert.equal(logged.request_id, reply.body.requestId);
  assert.match(reply.body.requestId, /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
  // The SDK reads ids as doubles and so loses the last bit; the text in the log has it.
  assert.ok(BigInt(logged.hostname_id) > 2n ** 53n, 'an id above 2^53');
  assert.equal(reply.body.hostnameId, Number(logged.hostname_id));
  assert.notEqual(BigInt(reply.body.hostnameId), BigInt(logged.hostname_id));
  assert.equal(logged.cert_sha256 !== '-', fields.certType === 'upload', hostname);
  console.log(`${hostname}: HostnameId ${logged.hostname_id}`);
}

async function refusal(fields) {
  try {
    await client.createCustomHostname(request(fields));
  } catch (error) {
    return error;
  }
  return assert.fail(`not refused: ${fields.hostname}`);
}

// The emulator was started with four harmless faults and then error=Site.ServiceBusy.
const busy = await refusal({ hostname: 'busy.shop.example', sslFlag: 'off' });
assert.equal(busy.code, 'Site.ServiceBusy');
assert.equal(busy.statusCode, 400);
assert.match(busy.message, /This website is being configured/);
assert.equal(lastLogLine().code, 'Site.ServiceBusy');

const conflict = await refusal({ hostname: 'free.shop.example', sslFlag: 'off' });
assert.equal(conflict.code, 'CustomHostname.ConflictWithExistingResource');

const empty = await refusal({ hostname: 'empty.shop.example', sslFlag: 'on', certType: '' });
assert.equal(empty.code, 'InvalidParameter');
console.log('errors surface with their codes');
