import { type NativeConnection, Worker } from '@temporalio/worker';
import { sagaActivities } from '../../src/client';
import type { Database } from '../../src/participant';
import { airlineActivities, carActivities, paymentActivities } from './activities';
import { trip } from './contract';
import { hotelActivities } from './hotel';
import type { HotelApi } from './hotel-api';
import { airline, cars, hotel, payments } from './steps';

/** The orchestrator's worker and one for each participant. Each would be a process of its own in production. */
export async function createWorkers(
  connection: NativeConnection,
  database: Database,
  hotelApi: HotelApi,
): Promise<Worker[]> {
  const participants = [
    { ...airline, activities: airlineActivities(database) },
    { ...hotel, activities: hotelActivities(hotelApi) },
    { ...cars, activities: carActivities(database) },
    { ...payments, activities: paymentActivities(database) },
  ];
  return await Promise.all([
    Worker.create({
      connection,
      taskQueue: trip.taskQueue,
      workflowsPath: require.resolve('./trip'),
      activities: sagaActivities(),
    }),
    ...participants.map(({ taskQueue, activities }) => Worker.create({ connection, taskQueue, activities })),
  ]);
}
