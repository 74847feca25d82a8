/** How long changes take from their commit at the source until they can be queried. */
package dev.lakegate.transform.freshness;
