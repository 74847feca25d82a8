/** Follows the lakehouse description: what is described now, and what is wrong with it. */
package dev.lakegate.transform.lakehouse;
