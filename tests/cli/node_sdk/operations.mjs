// usage: operations.mjs PORT CERTIFICATE KEY METADATA
// The official SDK goes through the life of a hostname by every operation of the service, and the
// official credentials package gets credentials from STS and the credentials URI that the service
// then takes. The emulator runs with --verify after=2 --issue-after 1 --metadata --strict. Exit 0 if
// all is as expected.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import esa from '@alicloud/esa20240910';
import core from '@alicloud/openapi-core';
import * as $dara from '@darabonba/typescript';
import credentials from '@alicloud/credentials';

const [port, certificateFile, keyFile, metadata] = process.argv.slice(2);
const endpoint = `127.0.0.1:${port}`;
const common = { endpoint, protocol: 'HTTPS', readTimeout: 10000, connectTimeout: 5000 };
const certificate = readFileSync(certificateFile, 'utf8');
const privateKey = readFileSync(keyFile, 'utf8');

function clientOf(config) {
  const client = new esa.default(new core.$OpenApiUtil.Config({ ...common, ...config }));
  return async (operation, request, fields = {}) =>
    (await client[operation](new esa[request]({ ...fields }))).body;
}
const call = clientOf({ accessKeyId: 'testAK', accessKeySecret: 'testSK' });
const codeOf = async (promise) =>
  promise.then(
    () => 'accepted',
    (error) => error.code,
  );
const done = (what) => console.log(`ok: ${what}`);

// Sites and records.
const sites = await call('listSites', 'ListSitesRequest', { siteName: 'acme.example', siteSearchType: 'exact' });
assert.equal(sites.totalCount, 1);
assert.equal(sites.pageSize, 500);
const siteId = sites.sites[0].siteId;
assert.equal(siteId, 1234567890123);
assert.equal(sites.sites[0].accessType, 'CNAME');
done('listSites');
const site = await call('getSite', 'GetSiteRequest', { siteId });
assert.equal(site.siteModel.siteName, 'acme.example');
done('getSite');
const records = await call('listRecords', 'ListRecordsRequest', { siteId, pageSize: 1, pageNumber: 2 });
assert.equal(records.totalCount, 2);
assert.equal(records.records.length, 1);
assert.equal(records.records[0].recordName, 'origin2.acme.example');
assert.equal(records.records[0].authConf.secretKey, 'canary-authconf-secret');
assert.equal(records.records[0].data.value, 'bucket.storage.example');
done('listRecords');
const recordId = 4042843419650112;
const record = await call('getRecord', 'GetRecordRequest', { recordId });
assert.equal(record.recordModel.recordCname, 'origin.acme.example.example-cname.net');
assert.equal(record.recordModel.proxied, true);
done('getRecord');

// A hostname with an uploaded certificate.
const hostname = 'upload.shop.example';
const created = await call('createCustomHostname', 'CreateCustomHostnameRequest', {
  hostname, siteId, recordId, sslFlag: 'on', certType: 'upload', certificate, privateKey,
});
assert.equal(created.hostname, hostname);
done('createCustomHostname');
// The SDK rounds ids over 2^53 in replies, but sends what it is given: the first id, as text.
const hostnameId = '9007199254740993';
assert.equal(created.hostnameId, Number(hostnameId));
const shown = async (id) =>
  (await call('getCustomHostname', 'GetCustomHostnameRequest', { hostnameId: id })).customHostnameModel;
let model = await shown(hostnameId);
assert.equal(model.status, 'pending');
assert.equal(model.verifyHost, `_esa_custom_hostname.${hostname}`);
assert.match(model.verifyCode, /^verify_[0-9a-f]{32}$/);
assert.equal(model.siteName, 'acme.example');
assert.equal(model.recordName, 'origin.acme.example');
assert.equal(model.certType, 'upload');
assert.equal(model.certificate, certificate);
assert.equal(model.privateKey, privateKey);
assert.equal(Object.hasOwn(model, 'casId') && model.casId !== undefined, false);
done('getCustomHostname');

const unpassed = await call('verifyCustomHostname', 'VerifyCustomHostnameRequest', { hostnameId });
assert.equal(unpassed.passed, undefined, '200 with a Code is no success');
const passed = await call('verifyCustomHostname', 'VerifyCustomHostnameRequest', { hostnameId });
assert.equal(passed.passed, true);
assert.equal((await shown(hostnameId)).status, 'active');
done('verifyCustomHostname');

await call('updateCustomHostname', 'UpdateCustomHostnameRequest', {
  hostnameId, recordId: 4042843419650113, sslFlag: 'on', certType: 'free',
});
model = await shown(hostnameId);
assert.equal(model.recordName, 'origin2.acme.example');
assert.equal(model.certType, 'free');
assert.equal(model.certStatus, 'Applying');
assert.equal(model.certTxtKey, `_acme-challenge.${hostname}`);
assert.match(model.certHttpKey, new RegExp(`^http://${hostname}/\\.well-known/acme-challenge/`));
assert.equal(model.privateKey, '');
assert.equal((await shown(hostnameId)).certStatus, 'OK');
done('updateCustomHostname');
await call('applyCustomHostnameCertificate', 'ApplyCustomHostnameCertificateRequest', { hostnameId });
done('applyCustomHostnameCertificate');

const list = await call('listCustomHostnames', 'ListCustomHostnamesRequest', {
  siteId, hostname, nameMatchType: 'exact',
});
assert.equal(list.totalCount, 1);
assert.equal(list.hostnames[0].hostname, hostname);
assert.equal(list.hostnames[0].certStatus, 'Applying');
done('listCustomHostnames');
await call('deleteCustomHostname', 'DeleteCustomHostnameRequest', { hostnameId });
assert.equal(
  await codeOf(call('getCustomHostname', 'GetCustomHostnameRequest', { hostnameId })),
  'CustomHostname.NotFound',
);
done('deleteCustomHostname');
assert.equal(
  await codeOf(call('createCustomHostname', 'CreateCustomHostnameRequest', {
    hostname, siteId: 1, recordId, sslFlag: 'off',
  })),
  'InvalidParameter',
);
done('a refusal keeps its code');

// The credentials package: each credential is then used for a call.
const roleArn = 'acs:ram::1234567890123456:role/deploy';
const oidcTokenFile = join(dirname(certificateFile), 'oidc.token');
writeFileSync(oidcTokenFile, 'eyJhbGciOiJub25lIn0.e30.sig', { mode: 0o600 });
const configs = {
  'AssumeRole, signature version 1.0': {
    type: 'ram_role_arn', accessKeyId: 'testAK', accessKeySecret: 'testSK', roleArn,
    roleSessionName: 'node', stsEndpoint: endpoint,
  },
  'AssumeRoleWithOIDC': {
    type: 'oidc_role_arn', roleArn, roleSessionName: 'node', oidcTokenFilePath: oidcTokenFile,
    oidcProviderArn: 'acs:ram::1234567890123456:oidc-provider/ci', stsEndpoint: endpoint,
  },
  'the credentials URI': { type: 'credentials_uri', credentialsURI: `${metadata}/credentials` },
};
for (const [what, config] of Object.entries(configs)) {
  const credential = new credentials.default(new credentials.Config(config));
  const { accessKeyId, securityToken } = await credential.getCredential();
  assert.match(accessKeyId, /^STS\./, what);
  assert.ok(securityToken, what);
  const body = await clientOf({ credential })('listSites', 'ListSitesRequest');
  assert.equal(body.totalCount, 2, what);
  done(what);
}

// STS by ACS3, through the SDK's own signer.
async function sts(config, action, query) {
  const client = new core.default(new core.$OpenApiUtil.Config({ ...common, ...config }));
  const params = new core.$OpenApiUtil.Params({
    action, version: '2015-04-01', protocol: 'HTTPS', pathname: '/', method: 'POST', authType: 'AK',
    style: 'RPC', reqBodyType: 'formData', bodyType: 'json',
  });
  const request = new core.$OpenApiUtil.OpenApiRequest({ query });
  return (await client.callApi(params, request, new $dara.RuntimeOptions({}))).body;
}
const assumed = await sts({ accessKeyId: 'testAK', accessKeySecret: 'testSK' }, 'AssumeRole', {
  RoleArn: roleArn, RoleSessionName: 'acs3',
});
const temporary = {
  accessKeyId: assumed.Credentials.AccessKeyId,
  accessKeySecret: assumed.Credentials.AccessKeySecret,
  securityToken: assumed.Credentials.SecurityToken,
};
done('AssumeRole');
const identity = await sts(temporary, 'GetCallerIdentity', {});
assert.equal(identity.Arn, 'acs:ram::1234567890123456:assumed-role/deploy/acs3');
done('GetCallerIdentity');
