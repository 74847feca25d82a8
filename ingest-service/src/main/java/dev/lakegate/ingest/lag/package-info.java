/** How far capture is behind its source. Pure. */
package dev.lakegate.ingest.lag;
