/** REST: how datasets stand, and runs. Thin over the conductor and the record of runs. */
package dev.lakegate.transform.api;
