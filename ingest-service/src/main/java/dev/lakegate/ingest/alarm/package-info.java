/**
 * Alarms: what threatens capture before it strikes, such as log that the source will soon let go.
 * Rules are pure; {@code SlotWatch} asks the source on a connection of its own, so that it sees
 * also what capture cannot, because it copies, waits or does not run.
 */
package dev.lakegate.ingest.alarm;
