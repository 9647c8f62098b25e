// usage: client_sdk.mjs PORT NAME NUM CONCURRENCY
// What bench_client does, by the official Node SDK with kept connections; prints the same
// three figures, after a few calls that are not counted.
import esa from '@alicloud/esa20240910';
import core from '@alicloud/openapi-core';

const [port, name, num, concurrency] = process.argv.slice(2);
const client = new esa.default(
  new core.$OpenApiUtil.Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint: `127.0.0.1:${port}`,
    protocol: 'HTTPS',
    readTimeout: 10000,
    connectTimeout: 5000,
  }),
);

async function create(hostname) {
  const reply = await client.createCustomHostname(
    new esa.CreateCustomHostnameRequest({
      hostname,
      siteId: 1234567890125,
      recordId: Number('9007199254740993'),
      sslFlag: 'on',
      certType: 'free',
    }),
  );
  if (reply.statusCode !== 200 || reply.body.hostname !== hostname) throw new Error(hostname);
}

for (let i = 0; i < 20; i += 1) await create(`${name}-warm-${i}.shop.example`);
const cpu = process.cpuUsage();
const start = process.hrtime.bigint();
let next = 0;
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    while (next < Number(num)) {
      next += 1;
      await create(`${name}-${next}.shop.example`);
    }
  }),
);
const wall = Number(process.hrtime.bigint() - start) / 1e6;
const used = process.cpuUsage(cpu);
const whole = process.cpuUsage();
const share = ({ user, system }) => ((user + system) / Number(num)).toFixed(0);
console.log(`${wall.toFixed(0)} ${share(used)} ${share(whole)}`);
