/**
 * Capture: what to read from the source, when to write it, and up to where it may be acknowledged.
 * Decisions are plain values and functions; {@code CaptureEngine} carries them out on one thread.
 */
package dev.lakegate.ingest.capture;
