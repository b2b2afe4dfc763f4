/** Asking other servers: what clients' writes and effects share. */
@NullMarked
package org.headrace.ingest.remote;

import org.jspecify.annotations.NullMarked;
