// Creates a secret with the AWS SDK for JavaScript v3, changes its value, reads its versions, deletes
// and restores it. Prints what it saw as JSON.
import * as secrets from '@aws-sdk/client-secrets-manager';

const client = new secrets.SecretsManagerClient();
const seen = {};
const failure = async (command) => {
  try {
    await client.send(command);
    return 'no error';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

const SecretId = 'js/dev/key';
const created = await client.send(new secrets.CreateSecretCommand({
  Name: SecretId, SecretString: 'one', Tags: [{ Key: 'purpose', Value: 'test' }] }));
const changed = await client.send(new secrets.PutSecretValueCommand({
  SecretId, SecretBinary: new Uint8Array([0, 255, 128]) }));

const now = await client.send(new secrets.GetSecretValueCommand({ SecretId: created.ARN }));
seen.current = { bytes: [...now.SecretBinary], stages: now.VersionStages, date: now.CreatedDate instanceof Date,
  version: now.VersionId === changed.VersionId };
const before = await client.send(new secrets.GetSecretValueCommand({ SecretId, VersionStage: 'AWSPREVIOUS' }));
seen.previous = before.SecretString;

const described = await client.send(new secrets.DescribeSecretCommand({ SecretId }));
seen.described = { tags: described.Tags, stages: Object.values(described.VersionIdsToStages) };
seen.listed = [];
for await (const page of secrets.paginateListSecrets({ client, pageSize: 1 },
  { Filters: [{ Key: 'tag-value', Values: ['test'] }] })) {
  seen.listed.push(...page.SecretList.map((secret) => secret.Name));
}

const deleted = await client.send(new secrets.DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
seen.days = Math.round((deleted.DeletionDate - Date.now()) / 86_400_000);
seen.whileDeleted = await failure(new secrets.GetSecretValueCommand({ SecretId }));
await client.send(new secrets.RestoreSecretCommand({ SecretId }));
await client.send(new secrets.DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
seen.afterwards = await failure(new secrets.DescribeSecretCommand({ SecretId }));
console.log(JSON.stringify(seen));
