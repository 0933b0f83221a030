// Creates a cluster, a role, a function and an HTTP API with the AWS SDK for JavaScript v3, calls the
// API, reads everything back and deletes it again. The function's code is the zip file given.
// Prints what it saw as JSON.
import { readFileSync } from 'node:fs';
import * as dsql from '@aws-sdk/client-dsql';
import * as iam from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as gateway from '@aws-sdk/client-apigatewayv2';
import * as s3 from '@aws-sdk/client-s3';
import * as sts from '@aws-sdk/client-sts';
import * as logs from '@aws-sdk/client-cloudwatch-logs';

const zip = readFileSync(process.argv[2]);
const seen = {};
const { Account } = await new sts.STSClient().send(new sts.GetCallerIdentityCommand({}));
seen.account = Account;

const databases = new dsql.DSQLClient();
const created = await databases.send(new dsql.CreateClusterCommand({
  deletionProtectionEnabled: false, tags: { purpose: 'test' } }));
await dsql.waitUntilClusterActive({ client: databases, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
  { identifier: created.identifier });
const cluster = await databases.send(new dsql.GetClusterCommand({ identifier: created.identifier }));
seen.cluster = { status: cluster.status, tags: cluster.tags, date: cluster.creationTime instanceof Date };

const identities = new iam.IAMClient();
const { Role } = await identities.send(new iam.CreateRoleCommand({
  RoleName: 'js-role',
  AssumeRolePolicyDocument: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }),
}));
await identities.send(new iam.PutRolePolicyCommand({
  RoleName: 'js-role', PolicyName: 'logs',
  PolicyDocument: JSON.stringify({
    Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }] }),
}));
seen.role = (await identities.send(new iam.GetRoleCommand({ RoleName: 'js-role' }))).Role.RoleName;

const functions = new lambda.LambdaClient();
const fn = await functions.send(new lambda.CreateFunctionCommand({
  FunctionName: 'js-function', Runtime: 'provided.al2023', Handler: 'any', Role: Role.Arn, Code: { ZipFile: zip } }));
await lambda.waitUntilFunctionActiveV2({ client: functions, maxWaitTime: 30, minDelay: 1, maxDelay: 1 },
  { FunctionName: 'js-function' });
const invoked = await functions.send(new lambda.InvokeCommand({
  FunctionName: 'js-function', Payload: JSON.stringify({ hello: 'js' }), LogType: 'Tail' }));
seen.invoke = { status: invoked.StatusCode, error: invoked.FunctionError ?? null,
  payload: JSON.parse(Buffer.from(invoked.Payload).toString()), log: Buffer.from(invoked.LogResult, 'base64').toString() };

const apis = new gateway.ApiGatewayV2Client();
const api = await apis.send(new gateway.CreateApiCommand({ Name: 'js-api', ProtocolType: 'HTTP' }));
const integration = await apis.send(new gateway.CreateIntegrationCommand({
  ApiId: api.ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri: fn.FunctionArn, PayloadFormatVersion: '1.0' }));
await apis.send(new gateway.CreateRouteCommand({
  ApiId: api.ApiId, RouteKey: 'GET /js', Target: `integrations/${integration.IntegrationId}` }));
await apis.send(new gateway.CreateStageCommand({ ApiId: api.ApiId, StageName: 'dev', AutoDeploy: true }));
await functions.send(new lambda.AddPermissionCommand({
  FunctionName: 'js-function', StatementId: 'api', Action: 'lambda:InvokeFunction',
  Principal: 'apigateway.amazonaws.com',
  SourceArn: `arn:aws:execute-api:${process.env.AWS_REGION}:${Account}:${api.ApiId}/*/GET/js` }));
const answer = await fetch(`${api.ApiEndpoint}/dev/js`);
seen.call = { status: answer.status, body: await answer.text() };
seen.routes = (await apis.send(new gateway.GetRoutesCommand({ ApiId: api.ApiId }))).Items.map((r) => r.RouteKey);

const groups = await new logs.CloudWatchLogsClient().send(new logs.DescribeLogGroupsCommand({
  logGroupNamePrefix: '/aws/lambda/js-function' }));
seen.logGroups = groups.logGroups.map((g) => g.logGroupName);

const objects = new s3.S3Client({ forcePathStyle: true });
await objects.send(new s3.CreateBucketCommand({ Bucket: 'js-bucket' }));
const key = 'a folder/ümläut+plus&more.txt';
await objects.send(new s3.PutObjectCommand({ Bucket: 'js-bucket', Key: key, Body: 'content', IfNoneMatch: '*' }));
try {
  await objects.send(new s3.PutObjectCommand({ Bucket: 'js-bucket', Key: key, Body: 'other', IfNoneMatch: '*' }));
} catch (error) {
  seen.secondPut = error.name;
}
const object = await objects.send(new s3.GetObjectCommand({ Bucket: 'js-bucket', Key: key }));
seen.object = await object.Body.transformToString();
await objects.send(new s3.DeleteObjectCommand({ Bucket: 'js-bucket', Key: key }));
await objects.send(new s3.DeleteBucketCommand({ Bucket: 'js-bucket' }));

await apis.send(new gateway.DeleteApiCommand({ ApiId: api.ApiId }));
await functions.send(new lambda.DeleteFunctionCommand({ FunctionName: 'js-function' }));
await identities.send(new iam.DeleteRolePolicyCommand({ RoleName: 'js-role', PolicyName: 'logs' }));
await identities.send(new iam.DeleteRoleCommand({ RoleName: 'js-role' }));
await databases.send(new dsql.DeleteClusterCommand({ identifier: created.identifier }));
await dsql.waitUntilClusterNotExists({ client: databases, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
  { identifier: created.identifier });

seen.afterwards = [];
for (const [client, command] of [
  [functions, new lambda.GetFunctionCommand({ FunctionName: 'js-function' })],
  [identities, new iam.GetRoleCommand({ RoleName: 'js-role' })],
  [apis, new gateway.GetApiCommand({ ApiId: api.ApiId })],
  [databases, new dsql.GetClusterCommand({ identifier: created.identifier })],
]) {
  try {
    await client.send(command);
    seen.afterwards.push('still there');
  } catch (error) {
    seen.afterwards.push(error.name);
  }
}
console.log(JSON.stringify(seen));
