/**
 * Decides what is stale and why, what may run next, and which Bronze files a run takes. Pure: no
 * clock, no file, no database; everything that matters comes in as a value.
 */
package dev.lakegate.transform.plan;
