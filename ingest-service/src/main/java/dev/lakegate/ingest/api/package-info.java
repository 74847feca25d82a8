/** REST: what capture has to say, and telling it to end. */
package dev.lakegate.ingest.api;
