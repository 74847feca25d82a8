/**
 * Follows the chain of Bronze manifests and keeps an index of it in the control database. The index
 * is a cache: it can be dropped at any time and is rebuilt from the manifests.
 */
package dev.lakegate.transform.manifest;
