// Creates a group and schedules with the AWS SDK for JavaScript v3, reads them back and deletes them
// again, but for js-now, which fires. The function and the role are those given. Prints what it saw as
// JSON.
import * as scheduler from '@aws-sdk/client-scheduler';

const [, , functionArn, roleArn] = process.argv;
const client = new scheduler.SchedulerClient();
const seen = {};
const schedule = {
  Name: 'js', GroupName: 'js', ScheduleExpression: 'rate(1 day)', FlexibleTimeWindow: { Mode: 'OFF' },
  StartDate: new Date('2199-01-01T00:00:00Z'),
  Target: { Arn: functionArn, RoleArn: roleArn, Input: '{"from":"js"}', RetryPolicy: { MaximumRetryAttempts: 5 } },
};

const group = await client.send(new scheduler.CreateScheduleGroupCommand({
  Name: 'js', Tags: [{ Key: 'purpose', Value: 'test' }] }));
await client.send(new scheduler.CreateScheduleCommand(schedule));
const got = await client.send(new scheduler.GetScheduleCommand({ Name: 'js', GroupName: 'js' }));
seen.schedule = {
  state: got.State, window: got.FlexibleTimeWindow.Mode, date: got.CreationDate instanceof Date,
  start: got.StartDate.toISOString(), input: got.Target.Input,
  retries: got.Target.RetryPolicy.MaximumRetryAttempts };
seen.names = [];
for await (const page of scheduler.paginateListSchedules({ client }, { GroupName: 'js', MaxResults: 1 }))
  seen.names.push(...page.Schedules.map((each) => each.Name));
const { Tags } = await client.send(new scheduler.ListTagsForResourceCommand({ ResourceArn: group.ScheduleGroupArn }));
seen.tags = Object.fromEntries(Tags.map((tag) => [tag.Key, tag.Value]));

async function failure(command) {
  try {
    await client.send(command);
  } catch (error) {
    return error;
  }
  return new Error('nothing was refused');
}
const again = await failure(new scheduler.CreateScheduleCommand(schedule));
seen.again = `${again.name}: ${again.message}`;
seen.mistake = (await failure(new scheduler.UpdateScheduleCommand({
  ...schedule, ScheduleExpression: 'cron(0 2 * * * *)' }))).name;

// A rate without StartDate fires at once.
await client.send(new scheduler.CreateScheduleCommand({
  ...schedule, Name: 'js-now', GroupName: 'default', StartDate: undefined }));

await client.send(new scheduler.DeleteScheduleCommand({ Name: 'js', GroupName: 'js' }));
await client.send(new scheduler.DeleteScheduleGroupCommand({ Name: 'js' }));
seen.afterwards = [];
for (const command of [new scheduler.GetScheduleCommand({ Name: 'js', GroupName: 'js' }),
  new scheduler.GetScheduleCommand({ Name: 'js' })])
  seen.afterwards.push((await failure(command)).name);
console.log(JSON.stringify(seen));
