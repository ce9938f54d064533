/** On a real clock nobody waits ten minutes for a worker that does not come. */
export const soonStuck = { stuck: { scheduleToStartTimeout: 500 } };
